// The board as it is, then each change as it comes.

/** Signs of life come every 15 s; without any for so long the connection is dead, whatever the browser says. */
const SILENCE = 40_000;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;

async function read(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} answers ${response.status}`);
  return response.json();
}

/**
 * Follows the board: `onBoard` gets it whole, `onChange` what changed; `onState` is told `connecting`, `live`,
 * `waiting` or `signed-out`. The result ends it.
 */
export function follow({ onBoard, onChange, onState }) {
  let source;
  let timer;
  let wait = FIRST_WAIT;
  let isOver = false;

  async function load() {
    if (isOver) return;
    onState("connecting");
    try {
      const { team } = await read("/session");
      if (team === null) return onState("signed-out");
      const board = await read("/api/v1/board");
      if (isOver) return;
      onBoard(board);
      listen(board.seq);
    } catch {
      again();
    }
  }

  function listen(after) {
    source = new EventSource(`/live?after=${after}`);
    source.onopen = heard;
    source.addEventListener("beat", heard);
    source.addEventListener("board", ({ data }) => {
      heard();
      onChange(JSON.parse(data));
    });
    source.addEventListener("reset", again);
    source.onerror = () => {
      onState("waiting");
      if (source.readyState === EventSource.CLOSED) again();
    };
  }

  function heard() {
    wait = FIRST_WAIT;
    onState("live");
    clearTimeout(timer);
    timer = setTimeout(again, SILENCE);
  }

  /** The whole board again: cheaper than to be wrong. */
  function again() {
    source?.close();
    clearTimeout(timer);
    if (isOver) return;
    onState("waiting");
    timer = setTimeout(load, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  void load();
  return () => {
    isOver = true;
    source?.close();
    clearTimeout(timer);
  };
}
