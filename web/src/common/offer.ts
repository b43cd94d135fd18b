/** What an offer of questions says beside its buttons: without markup and without the lines that stand for them. */
export function heading(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const words = lines.filter((line) => line !== "---" && !/^\[.*\]$/.test(line));
  // A colon that led to the button's line stands before the button itself now.
  return words.join("\n").replaceAll("**", "").trim();
}
