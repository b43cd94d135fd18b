import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Category } from "../api";
import { Plain } from "./Rich";
import { useScene } from "./scene";

/** What a guest sees before the first word: welcome, topics, and questions that others ask. `again`: below what has ended. */
export function Welcome({ again }: { again: boolean }): JSX.Element | null {
  const { texts, state, conversation } = useScene();
  const desk = state.session?.desk;
  if (!desk || (state.earlier > 0 && !again)) return null;
  return (
    <section class={`welcome ${again ? "again" : ""}`} aria-label={desk.name}>
      {desk.welcome && (
        <div class="greeting">
          <Plain text={desk.welcome} />
        </div>
      )}
      {desk.away && state.hours && !state.hours.on_duty && (
        <div class="greeting away">
          <Plain text={desk.away} />
        </div>
      )}
      {desk.categories.length > 0 && <Topics categories={desk.categories} />}
      {desk.suggested.length > 0 && (
        <div class="card">
          <h2>{texts.suggested}</h2>
          <ul class="rows">
            {desk.suggested.map(({ id, question }) => (
              <li key={id}>
                <button type="button" class="rowbutton" onClick={() => conversation.say(question)}>
                  {question}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

/** The top of the category tree; one with others below it opens, one without asks for itself. */
function Topics({ categories }: { categories: readonly Category[] }): JSX.Element {
  const { texts, conversation } = useScene();
  const [open, setOpen] = useState("");
  const below = categories.find((category) => category.id === open)?.children ?? [];
  return (
    <div class="card">
      <h2>{texts.topics}</h2>
      <ul class="chips">
        {categories.map(({ id, name, children }) => {
          const expands = (children?.length ?? 0) > 0;
          const press = (): void => (expands ? setOpen(open === id ? "" : id) : conversation.say(name));
          return (
            <li key={id}>
              <button type="button" class="chip" aria-expanded={expands ? open === id : undefined} onClick={press}>
                {name}
              </button>
            </li>
          );
        })}
      </ul>
      {below.length > 0 && (
        <ul class="chips inner">
          {below.map(({ id, name }) => (
            <li key={id}>
              <button type="button" class="chip" onClick={() => conversation.say(name)}>
                {name}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
