/** The first letter of a name in a coloured circle; only for the eye. */
export function Avatar({ name, id }: { name: string; id: string }) {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 6;
  return (
    <span className={`avatar avatar-${sum}`} aria-hidden="true">
      {[...name.trim()][0]?.toUpperCase() ?? "?"}
    </span>
  );
}
