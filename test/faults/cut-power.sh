#!/bin/bash
# Cuts a command off at every point where it changes a file or starts a program, one run each, and asks after each cut
# whether what must hold still holds. The program needs no hook for it: strace kills it at the call.
#
#   cut-power.sh --under DIR --reset 'CMD' --check 'CMD' --effect kill|ENOSPC|EROFS [--share K/N] -- COMMAND ARG ...
#
# --under   count only calls on paths below DIR, and starts of programs
# --reset   makes the starting state anew before each run
# --check   exits 0 when the state is whole; it runs after each cut
# --effect  kills the command at the call, or lets the call fail with this error; the command then ends by itself
# --share   only every Nth of the points, from the Kth
# It needs strace and root. It prints a line for each broken point, then 'N points, K not cut, M broken', and exits 1 if
# M > 0.
#
# A call's number counts per thread and per kind of call, hence one file thread; a whole tree dies with its namespace, as
# in a power cut. Files need the same names in each run. SIGKILL keeps the page cache, so a missing fsync is not shown.
# Never add --seccomp-bpf: it drops the kill without a word.
set -euo pipefail
under= reset=: check=: effect=kill share=1/1
while [[ $# -gt 0 ]]; do
  case $1 in
  --under) under=$(readlink -f "$2"); shift 2 ;;
  --reset) reset=$2; shift 2 ;;
  --check) check=$2; shift 2 ;;
  --effect) effect=$2; shift 2 ;;
  --share) share=$2; shift 2 ;;
  --) shift; break ;;
  *) sed -n '5,13p' "$0" >&2; exit 2 ;;
  esac
done
[[ $# -gt 0 && -n $under ]] || { sed -n '5,13p' "$0" >&2; exit 2; }
export UV_THREADPOOL_SIZE=1 UV_USE_IO_URING=0
writes=rename,renameat,renameat2,fsync,fdatasync,write,pwrite64,openat,unlink,unlinkat,rmdir,mkdir,mkdirat,symlink,symlinkat,link,linkat,ftruncate,copy_file_range,sendfile
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

command=("$@")
trace() { bash -c "$reset"; strace -f -qq -y -o "$1" "${@:2}" "${command[@]}" >/dev/null 2>&1 </dev/null || true; }
ordinals() { # of the calls that awk's condition $2 picks: call and its number within its thread and kind
  awk '{ split($2, call, "("); n = ++count[$1, call[1]] } call[1] ~ /^[a-z]/ && '"$2"' { print call[1], n }' "$1" | sort -u
}

# A call is counted among those on the same files only: else a thread's own start-up calls would be cut instead.
trace "$work/all" -e "trace=$writes"
grep -oE "[\"<]$under[^\">]*" "$work/all" | cut -c2- | sort -u >"$work/paths" || true
paths=(); while read -r path; do paths+=(-P "$path"); done <"$work/paths"
[[ ${#paths[@]} -gt 0 ]] || { echo "the command touches nothing under $under"; exit 1; }
trace "$work/files" "${paths[@]}" -e "trace=$writes"; ordinals "$work/files" '!/O_RDONLY[^|]/' >"$work/points"
if [[ $effect == kill ]]; then trace "$work/starts" -e trace=clone,clone3,vfork; ordinals "$work/starts" '!/CLONE_THREAD/' >>"$work/points"; fi

points=0 broken=0 missed=0
while read -r call n; do
  code=0 on=() inject=error=$effect
  [[ $effect != kill ]] || inject=signal=KILL
  [[ $call == clone* || $call == vfork ]] || on=("${paths[@]}")
  bash -c "$reset"
  unshare --pid --fork --kill-child --mount-proc strace -f -qq -o "$work/cut" "${on[@]}" -e "trace=$call" -e "inject=$call:$inject:when=$n" "${command[@]}" >"$work/out" 2>&1 </dev/null || code=$?
  points=$((points + 1))
  [[ $effect != kill || $code == 137 ]] || { missed=$((missed + 1)); echo "not cut at $call:$n"; continue; }
  bash -c "$check" >"$work/said" 2>&1 || { broken=$((broken + 1)); echo "broken at $call:$n: $(tail -n 1 "$work/said")"; }
done < <(awk -v k="${share%/*}" -v n="${share#*/}" '(NR - k) % n == 0' "$work/points")
echo "$points points, $missed not cut, $broken broken"
[[ $broken == 0 ]]
