// The page is complete without this: it adds search, copying, and a closed index on small screens.

const nav = document.querySelector("nav");
const index = nav.querySelector("details");
const search = nav.querySelector(".search");
const input = search.querySelector("input");
const nothing = document.querySelector(".nothing");
const articles = [...document.querySelectorAll("article")].map((article) => ({
  article,
  link: nav.querySelector(`a[href="#${CSS.escape(article.id)}"]`)?.parentElement,
  // The list of failures is the same nearly everywhere and would match everything.
  text: [...article.children]
    .filter((child) => child.tagName !== "DETAILS")
    .map((child) => child.textContent)
    .join(" ")
    .toLowerCase(),
}));

function show() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { article, link, text } of articles) {
    const matches = words.every((word) => text.includes(word));
    article.hidden = !matches;
    if (link) link.hidden = !matches;
    if (matches) found += 1;
  }
  for (const section of document.querySelectorAll(".resource")) {
    section.hidden = !section.querySelector("article:not([hidden])");
    const group = nav.querySelector(`a[href="#${CSS.escape(section.id)}"]`)?.parentElement;
    if (group) group.hidden = section.hidden;
  }
  document.querySelector(".about").hidden = words.length > 0;
  nothing.hidden = found > 0;
}

function addCopying(pre) {
  const frame = document.createElement("div");
  frame.className = "code";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = "Copied";
    } catch {
      // Without https there is no clipboard: select the text instead.
      getSelection().selectAllChildren(pre);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  pre.replaceWith(frame);
  frame.append(pre, button);
}

const small = matchMedia("(max-width: 52rem)");
function fold() { index.open = !small.matches; }

search.hidden = false;
input.addEventListener("input", show);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== input) {
    event.preventDefault();
    input.focus();
  }
});
document.querySelectorAll("pre").forEach(addCopying);
small.addEventListener("change", fold);
fold();
show();
