// Runs after `npm install` in a clone: this repository's own git hooks. Nothing here may fail an install.
if (!process.env.CI) {
  try {
    const { default: husky } = await import("husky");
    const problem = husky();
    if (problem) console.error(`no git hooks: ${problem}`);
  } catch {
    // Installed without the development packages: nothing to do.
  }
}
