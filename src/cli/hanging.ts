/** A text behind a lead, its lines broken at spaces and indented. `length` is the lead's, which may have colours in it. */
export function hanging(lead: string, length: number, text: string, width: number): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1]!;
    if (line === "") lines[lines.length - 1] = word;
    else if (length + line.length + 1 + word.length < width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return `${lead}${lines.join(`\n${" ".repeat(length)}`)}`;
}
