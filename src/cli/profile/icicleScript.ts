/** Looks closer at the box that is clicked: it takes the whole width, what it is a part of stays above it, and all else leaves. */
export const ICICLE_SCRIPT = `
const boxes = [...document.querySelectorAll("#icicle button")].map((element) => ({
  element, from: +element.dataset.from, to: +element.dataset.to, depth: +element.dataset.depth, text: element.title,
}));
const told = document.getElementById("told");
const LEAST = 0.0008;
let looking = boxes[0];
function look(at) {
  looking = at;
  const width = at.to - at.from;
  for (const box of boxes) {
    const above = box.depth < at.depth;
    const from = Math.max(0, (box.from - at.from) / width);
    const to = Math.min(1, (box.to - at.from) / width);
    const shown = above ? box.from <= at.from + 1e-12 && box.to >= at.to - 1e-12 : to - from > LEAST;
    box.element.hidden = !shown;
    box.element.style.left = 100 * from + "%";
    box.element.style.width = 100 * (to - from) + "%";
    box.element.classList.toggle("above", above);
    box.element.classList.toggle("narrow", (to - from) * box.element.parentElement.clientWidth < 34);
    box.element.tabIndex = to - from > 0.02 ? 0 : -1;
  }
}
for (const box of boxes) {
  const tell = () => { told.textContent = box.text; };
  box.element.removeAttribute("title");
  box.element.setAttribute("aria-label", box.text);
  box.element.addEventListener("click", () => look(box));
  box.element.addEventListener("pointerenter", tell);
  box.element.addEventListener("focus", tell);
}
look(looking);
addEventListener("resize", () => look(looking));
`;
