/**
 * The multiple of 8 nearest to a number of channels, but at least 8 and no less than 9/10 of it. Channels are rounded so in the
 * programs of the mobile networks' authors.
 */
export function wholeEights(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
}
