#!/bin/sh
# A bot as a shell script: it asks web pages whether they answer, and tells when one stops and when it is back.
# Any POSIX shell, and curl.
#
# In .env:
#   BOT_COMMAND=sh bot.sh
#   SITES=https://example.com/ https://example.org/
#   SITES_EVERY_SECONDS=30
#
# A shell acts on a signal only when the command in the foreground has ended. So everything slow runs in the
# background, and `wait` is what a signal interrupts: the script ends at once when it is asked to.
#
# Without Catalyst it only prints: SITES=https://example.com/ sh bot.sh
set -u

every=${SITES_EVERY_SECONDS:-30}
ended=
child=
down=' '

trap 'ended=1' TERM INT

# Runs a command that a signal may cut off.
slow() {
  "$@" &
  child=$!
  wait "$child"
  status=$?
  [ -n "$ended" ] || child=
  return "$status"
}

report() { # KIND BODY
  [ -n "${CATALYST_REPORT_URL:-}" ] || return 0
  slow curl --silent --show-error --fail --noproxy '*' --max-time 5 --output /dev/null --data-raw "$2" "$CATALYST_REPORT_URL/$1"
}

tell() { # MESSAGE
  echo "$1"
  report alert "$1"
}

is_down() { # SITE
  case $down in *" $1 "*) ;; *) false ;; esac
}

is_back() { # SITE
  left=' '
  for site_down in $down; do
    [ "$site_down" = "$1" ] || left="$left$site_down "
  done
  down=$left
}

check() { # SITE
  if slow curl --silent --fail --location --max-time 10 --output /dev/null "$1"; then
    if is_down "$1"; then
      is_back "$1"
      tell "$1 answers again"
    fi
  elif [ -z "$ended" ] && ! is_down "$1"; then
    down="$down$1 "
    tell "$1 does not answer"
  fi
}

echo "watching ${SITES:=https://example.com/}"
while [ -z "$ended" ]; do
  for site in $SITES; do
    [ -n "$ended" ] || check "$site"
  done
  [ -n "$ended" ] || report cycle "{\"next_in_seconds\": $every}"
  [ -n "$ended" ] || slow sleep "$every"
done
[ -z "$child" ] || { kill "$child" && wait "$child"; } 2>/dev/null
echo 'goodbye'
