#!/bin/sh
# spec-kitty hook v1: rings when history that matters to work packages has moved. It reads no stdin, prints nothing,
# always ends with 0, and starts one process (git) when nothing relevant changed. Sourced by the block in a hook, or
# executed under the name of a hook or with _sk_hook set.
_sk() {
  if [ "${SPEC_KITTY_HOOKS-}" = 0 ] || [ -n "${SPEC_KITTY_IN_HOOK-}" ]; then return 0; fi
  case $1 in post-commit | post-merge | post-checkout | post-rewrite) ;; *) return 0 ;; esac

  # GIT_DIR is unset in a main checkout and during `git worktree add`; a linked worktree's .git is a file.
  _sk_dir=${GIT_DIR:-.git}
  if [ -f "$_sk_dir" ]; then
    IFS= read -r _sk_dir <"$_sk_dir" || :
    _sk_dir=${_sk_dir#gitdir: }
  fi
  case $_sk_dir in /* | ?:*) ;; *) _sk_dir=$PWD/$_sk_dir ;; esac
  _sk_ours=$_sk_dir/spec-kitty
  if [ -f "$_sk_dir/commondir" ]; then
    IFS= read -r _sk_ours <"$_sk_dir/commondir" || :
    case $_sk_ours in /* | ?:*) ;; *) _sk_ours=$_sk_dir/$_sk_ours ;; esac
    _sk_ours=$_sk_ours/spec-kitty
  fi
  [ -d "$_sk_ours" ] || return 0

  # `hooks status` asks whether we are reached: the rest of the hook around us must not run for that.
  if [ -n "${SPEC_KITTY_PROBE-}" ]; then
    printf '%s %s\n' "$SPEC_KITTY_PROBE" "$1" >>"$_sk_ours/probe"
    exit 0
  fi

  # A checkout of files moves nothing, and a rebase rings once, at its end.
  case $1:${2-}:${4-} in
    post-checkout:*:0) return 0 ;;
    post-rewrite:rebase:*) ;;
    *) if [ -d "$_sk_dir/rebase-merge" ] || [ -d "$_sk_dir/rebase-apply" ]; then return 0; fi ;;
  esac

  # Settings are read, never evaluated.
  _sk_node='' _sk_root=kitty-specs _sk_mode=sync
  if [ -f "$_sk_ours/env" ]; then
    while IFS= read -r _sk_line; do
      case $_sk_line in
        SK_NODE=*) _sk_node=${_sk_line#*=} ;;
        SK_ROOT=*) _sk_root=${_sk_line#*=} ;;
        SK_MODE=*) _sk_mode=${_sk_line#*=} ;;
      esac
    done <"$_sk_ours/env"
  fi
  [ "$_sk_mode" = off ] && return 0

  # The drain noted the tree it has seen. Now: HEAD, ^ and a parent for each, then the tree if there is one.
  _sk_seen='' _sk_lf='
'
  if [ -f "$_sk_dir/spec-kitty.tree" ]; then IFS= read -r _sk_seen <"$_sk_dir/spec-kitty.tree" || :; fi
  _sk_now=$(LC_ALL=C GIT_NO_LAZY_FETCH=1 GIT_ALLOW_PROTOCOL=none git rev-parse --revs-only 'HEAD^!' "HEAD:$_sk_root") || :
  _sk_head=${_sk_now%%"$_sk_lf"*} _sk_tree=${_sk_now##*"$_sk_lf"}
  case $_sk_tree in "^"* | "$_sk_head") _sk_tree=none ;; esac
  case $_sk_now in
    '' | *"^"*"^"*) ;; # git did not answer, or HEAD is a merge
    *) [ "$_sk_tree" = "$_sk_seen" ] && return 0 ;;
  esac

  (
    umask 077
    printf '1 %s %s %s\n' "$1" "${_sk_head:-none}" "$_sk_dir" >>"$_sk_ours/spool" || exit 0
    # From the last resort to the first choice; a relative path could lead into the repository.
    set +f
    _sk_run=''
    for _sk_try in "${HOME-}"/.nvm/versions/node/v[1-9][0-9].*/bin/node \
      "${HOME-}"/.local/share/fnm/node-versions/v[1-9][0-9].*/installation/bin/node \
      "${HOME-}/Library/Application Support"/fnm/node-versions/v[1-9][0-9].*/installation/bin/node \
      /usr/bin/node /usr/local/bin/node /opt/homebrew/bin/node "${HOME-}/.asdf/shims/node" \
      "${HOME-}/.local/share/mise/shims/node" "${HOME-}/.volta/bin/node" "$(command -v node)" "$_sk_node"; do
      case $_sk_try in /* | ?:*) if [ -f "$_sk_try" ] && [ -x "$_sk_try" ]; then _sk_run=$_sk_try; fi ;; esac
    done
    [ -n "$_sk_run" ] || exit 0
    if printf '' >>"$_sk_ours/hook.log"; then exec 2>>"$_sk_ours/hook.log"; fi
    unset NODE_EXTRA_CA_CERTS NODE_OPTIONS # the first costs node 20 as much time as all the rest
    SPEC_KITTY_IN_HOOK=1
    export SPEC_KITTY_IN_HOOK
    if [ "$_sk_mode" = detached ]; then
      "$_sk_run" "$_sk_ours/drain.cjs" "$_sk_dir" "$1" "$_sk_root" 3>&- &
    else
      exec "$_sk_run" "$_sk_ours/drain.cjs" "$_sk_dir" "$1" "$_sk_root"
    fi
  )
  return 0
}
# What is printed goes nowhere, but for the drain's line on 3 that `git config spec-kitty.notify true` asks for.
_sk "${_sk_hook:-${0##*/}}" "$@" 3>&2 </dev/null >/dev/null 2>&1 || :
unset -f _sk
unset _sk _sk_hook _sk_dir _sk_ours _sk_node _sk_root _sk_mode _sk_line _sk_seen _sk_lf _sk_now _sk_head _sk_tree
