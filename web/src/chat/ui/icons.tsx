import type { JSX } from "preact";

function icon(path: string): () => JSX.Element {
  return () => (
    <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={path} />
    </svg>
  );
}

export const Send = icon("M12 19V5M6 11l6-6 6 6");
export const Attach = icon("M4.5 5.5h15v13h-15zM4.5 15.5l4.5-4.5 4 4 2.5-2.5 4 4M15.5 9.5h.01");
export const Down = icon("M6 9.5l6 6 6-6");
export const Person = icon("M12 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 19.5c.6-3.4 3.4-5 7-5s6.4 1.6 7 5");
export const Chat = icon("M5 5.5h14v10h-8l-4 3.5v-3.5H5zM9 10.5h.01M12 10.5h.01M15 10.5h.01");
export const Close = icon("M6.5 6.5l11 11M17.5 6.5l-11 11");
export const Check = icon("M5.5 12.5l4.5 4.5 8.5-9.5");
export const Sad = icon("M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM9 9.8h.01M15 9.8h.01M8.5 16c1-1.3 2.2-2 3.5-2s2.5.7 3.5 2");
export const Neutral = icon("M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM9 9.8h.01M15 9.8h.01M8.8 15h6.4");
export const Happy = icon("M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM9 9.8h.01M15 9.8h.01M8.5 14c1 1.4 2.2 2 3.5 2s2.5-.6 3.5-2");
