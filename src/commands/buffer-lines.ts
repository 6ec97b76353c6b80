import type { Output } from "./command.ts";

const BLOCK = 64 * 1024;

/** Gathers lines into blocks: writes are dear, lines are many, and the block before has to be taken first. */
export function bufferLines(output: Output): { add(line: string): Promise<void>; flush(): Promise<void> } {
  let block = "";
  async function flush(): Promise<void> {
    if (block === "") return;
    const text = block;
    block = "";
    await output.write(text);
  }
  return {
    flush,
    async add(line) {
      block += `${line}\n`;
      if (block.length >= BLOCK) await flush();
    },
  };
}
