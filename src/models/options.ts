/** Which images a model takes, and how many classes it tells apart. Every model of the zoo has these. */
export interface ImageModelOptions<C extends number = number, K extends number = number> {
  /** Channels of the images. Default 3. */
  readonly channels?: C;
  /** Classes to tell apart. Default: as published. */
  readonly classes?: K;
}

/** The options with their defaults; channels of any number, since of a generic one the compiler cannot follow the shapes. */
export function sizesOf<K extends number>(
  options: ImageModelOptions<number, K>,
  published = 1000,
): { readonly channels: number; readonly classes: K } {
  const { channels = 3, classes = published as K } = options;
  return { channels, classes };
}
