#!/bin/sh
# Takes spec-kitty's hooks out of the repository whose git directory this file lies in; needs neither node nor spec-kitty.
# What is queued stays, unless --purge is given.
LC_ALL=C
export LC_ALL
case $0 in */*) ours=${0%/*} ;; *) ours=. ;; esac
ours=$(cd "$ours" && pwd) || exit 1
common=${ours%/*}
status=0

# Removes our block from a hook; every other byte, the mode and the link that leads there stay.
strip() {
  [ -f "$1" ] || return 0
  first=$(sed -n '/^# >>> spec-kitty hooks v/{=;q;}' "$1")
  [ -n "$first" ] || return 0
  length=$(tail -n "+$first" "$1" | sed -n '/^# <<< spec-kitty/{=;q;}')
  if [ -z "$length" ]; then
    echo "$1: the end of the spec-kitty block is missing; remove it by hand." >&2
    return 1
  fi
  created=$(sed -n "${first}p" "$1" | sed -n '/ (own file)/p')
  {
    if [ "$first" -gt 1 ]; then head -n "$((first - 1))" "$1"; fi && tail -n "+$((first + length))" "$1"
  } >"$ours/rest" || return 1
  if [ -n "$created" ] && [ "$(cat "$ours/rest")" = '#!/bin/sh' ]; then
    rm -f "$1" || return 1
  else
    cat "$ours/rest" >"$1" || return 1
  fi
  echo "removed from $1"
}

places() {
  echo hooks
  [ -f "$ours/places" ] && cat "$ours/places"
}

places | {
  while IFS= read -r place; do
    case $place in /* | ?:*) ;; *) place=$common/$place ;; esac
    for hook in post-commit post-merge post-checkout post-rewrite; do
      strip "$place/$hook" || status=1
    done
  done
  exit "$status"
} || status=1
rm -f "$ours/rest"
[ "$status" = 0 ] || exit 1

if [ "${1-}" = --purge ]; then
  rm -rf "$ours"
  rm -f "$common/spec-kitty.tree" "$common"/worktrees/*/spec-kitty.tree
  GIT_DIR=$common git config --local --unset spec-kitty.project || :
else
  rm -f "$ours/hook" "$ours/env" "$ours/places" "$ours/drain.cjs" "$ours/drain.cache" "$ours/hook.log" "$ours/probe" "$ours/uninstall"
fi
