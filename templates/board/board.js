// The page: signs in, follows the board, draws what changed.
import { announce, drawAside } from "./aside.js";
import { openDetails } from "./cards.js";
import { follow } from "./connection.js";
import { byId } from "./elements.js";
import { clearFeatures, drawFeatures } from "./features.js";
import { glide } from "./motion.js";
import { createState, merge } from "./state.js";
import { ago, laneName } from "./words.js";

const STATES = { connecting: "Connecting", live: "Live", waiting: "Reconnecting" };

let state = createState();
let filter = "";
let stop = () => undefined;

function start() {
  stop();
  stop = follow({ onBoard: showWhole, onChange: showChange, onState: showState });
}

function showWhole(board) {
  const held = new Set(state.features.keys());
  state = createState();
  merge(state, board);
  // A board that lost features is another one, and begins anew.
  if ([...held].some((key) => !state.features.has(key))) clearFeatures();
  draw(new Set(state.features.keys()));
  show("board");
}

function showChange(change) {
  const { touched, moved } = merge(state, change);
  glide(moved, () => draw(touched));
  announce(moved, laneName);
}

function draw(touched) {
  drawFeatures(state, { touched, filter });
  drawAside(state);
}

function showState(name) {
  if (name === "signed-out") {
    stop();
    state = createState();
    clearFeatures();
    return show("sign-in");
  }
  const connection = byId("connection");
  connection.dataset.state = name;
  connection.textContent = STATES[name];
}

function show(id) {
  byId("board").hidden = id !== "board";
  byId("sign-in").hidden = id !== "sign-in";
  if (id === "sign-in") byId("token").focus();
}

byId("sign-in-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = byId("token");
  byId("sign-in-error").textContent = "";
  try {
    const response = await fetch("/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: field.value.trim() }),
    });
    if (response.ok) {
      field.value = "";
      return start();
    }
    const { error } = await response.json();
    byId("sign-in-error").textContent = response.status === 401 ? "This token is not known here. Is it whole?" : error;
  } catch {
    byId("sign-in-error").textContent = "The collector does not answer.";
  }
  field.select();
});

byId("sign-out").addEventListener("click", async () => {
  await fetch("/session", { method: "DELETE" }).catch(() => undefined);
  showState("signed-out");
});

byId("filter").addEventListener("input", ({ target }) => {
  filter = target.value.trim().toLowerCase();
  draw(new Set(state.features.keys()));
});

addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  byId("filter").focus();
});

addEventListener("click", ({ target }) => {
  const key = target instanceof Element ? target.closest("button[data-key]")?.dataset.key : undefined;
  const card = key === undefined ? undefined : state.cards.get(key);
  if (card) openDetails(card);
});

byId("details").addEventListener("click", ({ target, currentTarget }) => {
  // The dialog's own box is all padding-free content: a click on itself is one on the backdrop.
  if (target === currentTarget) currentTarget.close();
});

setInterval(() => {
  for (const element of document.querySelectorAll("time")) element.textContent = ago(element.dateTime);
}, 30_000);

start();
