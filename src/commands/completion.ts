import { Failure } from "../errors.ts";
import { type Command, defineCommand } from "./command.ts";
import type { CommandTable } from "./command-table.ts";

/** The command that completes all commands of a table. */
export function createCompletion(table: CommandTable): Command {
  return defineCommand({
    usage: "completion <shell>",
    summary: "Print a script that completes commands and options: bash, zsh, fish",
    arguments: { shell: { description: "bash, zsh or fish" } },
    async run({ shell }, { stdout }) {
      const render = RENDERERS.get(shell);
      if (!render) {
        const message = `"${shell}" is no shell we complete for.`;
        throw new Failure("usage", { message, nextStep: `Name one of: ${[...RENDERERS.keys()].join(", ")}.` });
      }
      await stdout.write(render(await listPlaces(table)));
    },
  });
}

/** A place in a command line, and what may follow there. */
interface Place {
  /** `events infer`; empty at the start. */
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly summary: string }[];
}

/** Every group and command with the words below it and its options. */
async function listPlaces({ commands, groups }: CommandTable): Promise<Place[]> {
  const summaries = { ...groups, ...commands };
  const below = (path: string) =>
    Object.entries(summaries).flatMap(([name, { summary }]) => {
      const word = path === "" ? name : name.startsWith(`${path} `) ? name.slice(path.length + 1) : "";
      return word === "" || word.includes(" ") ? [] : [{ word, summary }];
    });
  const loaded = await Promise.all(
    Object.entries(commands).map(async ([path, { load }]): Promise<Place> => {
      return { path, words: optionsOf((await load()).command) };
    }),
  );
  return [...["", ...Object.keys(groups)].map((path) => ({ path, words: below(path) })), ...loaded];
}

function optionsOf({ options = {} }: Command): Place["words"] {
  const named = Object.values(options).flatMap(({ flag, description: summary }) =>
    (flag.match(/--[\w-]+/g) ?? []).map((word) => ({ word, summary })),
  );
  return [...named, { word: "--help", summary: "Show help" }];
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function renderBash(places: readonly Place[]): string {
  return `${wordsFunction(places)}
_spec_kitty() {
  local at="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [ -n "$(_spec_kitty_words "\${at:+$at }$word")" ] && at="\${at:+$at }$word"
  done
  COMPREPLY=($(compgen -W "$(_spec_kitty_words "$at")" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _spec_kitty spec-kitty spec-kitty-events
`;
}

function renderZsh(places: readonly Place[]): string {
  return `#compdef spec-kitty spec-kitty-events
${wordsFunction(places)}
_spec_kitty() {
  local at="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ -n "$(_spec_kitty_words "\${at:+$at }$word")" ]] && at="\${at:+$at }$word"
  done
  compadd -- \${=$(_spec_kitty_words "$at")}
  [[ "\${words[CURRENT]}" == -* ]] || _files
}
compdef _spec_kitty spec-kitty spec-kitty-events
# A file in fpath is run for the first time by the completion that looks for it, which waits for words.
if (( \${+compstate} )); then _spec_kitty; fi
`;
}

/** A shell function that prints what may follow a path, and nothing where no such path is. */
function wordsFunction(places: readonly Place[]): string {
  const cases = places.map(
    ({ path, words }) => `    ${quote(path)}) echo ${quote(words.map(({ word }) => word).join(" "))} ;;`,
  );
  return `_spec_kitty_words() {\n  case "$1" in\n${cases.join("\n")}\n  esac\n}`;
}

function renderFish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words }) =>
    words.map(({ word, summary }) => {
      const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c $name -n ${quote(`_spec_kitty_at ${quote(path)}`)} ${what} -d ${quote(summary)}`;
    }),
  );
  const paths = places.map(({ path }) => quote(path)).join(" ");
  return `function _spec_kitty_at
  set -l at ''
  for word in (commandline -opc)[2..]
    set -l longer (string trim "$at $word")
    contains -- $longer ${paths}; and set at $longer
  end
  test "$at" = "$argv[1]"
end
for name in spec-kitty spec-kitty-events
${lines.map((line) => `  ${line}`).join("\n")}
end
`;
}

const RENDERERS: ReadonlyMap<string, (places: readonly Place[]) => string> = new Map([
  ["bash", renderBash],
  ["zsh", renderZsh],
  ["fish", renderFish],
]);
