// Takes the place of js-yaml in the bundle: gray-matter binds these two functions when it loads, but we give it another engine.
function refuse() {
  throw new Error("js-yaml is not bundled: give gray-matter its engines");
}

module.exports = { safeLoad: refuse, safeDump: refuse };
