# The verbs of a script that a person carries to a server. What happens is said on standard error; only "report" prints,
# for --facts. The lines above name the script and its changes:
#   NAME       beginning of the names of its runs       title_of C      a change as people read it
#   target_of N     what an act touches                 place_files     puts the files of run $ID in their place
#   probe      reads the server, as plumb probe does

TAB='	'
say() { printf '%s\n' "$*" >&2; }

# Not begun, and why.
x() {
  [ -z "${new:-}" ] || rm -rf "$new"
  case $1 in room) say "There is no room for the record of this run: ${2:-}" ;; *) shift && say "Nothing was begun: $*" ;; esac
  exit 3
}

refused() { # CODE DETAIL
  case $1 in
  drift) say 'Nothing was changed: what stands above differs from what was seen when this script was made.' ;;
  open) say "Nothing was changed: run $2 waits for an answer. Answer it with keep or back first." ;;
  locked) say 'Nothing was changed: another run is at work. Try again in a minute.' ;;
  tool) say "Nothing was changed: $2 is missing here." ;;
  room) say "Nothing was changed: $2." ;;
  volatile) say "Nothing was changed: $2 would not survive a reboot, so there would be no way back." ;;
  *) say "Nothing was changed: $2" ;;
  esac
}

# Says what run $1 does until it has an outcome, and prints that outcome alone.
followed() { # RUN on|back
  follow "$1" "$2" | while IFS= read -r line; do
    line=${line#"$NONCE "}
    case $line in
    'E '*) echo "${line#E }" ;;
    'J '*) heard "${line#J }" ;;
    esac
  done
}

heard() { # LINE of the journal
  IFS=$TAB read -r _ _ word subject text <<LINE
$1
LINE
  case $word:$subject in
  armed:*) say 'The safety timer is set: without an answer the server puts everything back by itself.' ;;
  finished:c:*) say "  done: $(title_of "${subject#c:}")" ;;
  already:c:*) say "  so already: $(title_of "${subject#c:}")" ;;
  skipped:c:*) say "  left out: $(title_of "${subject#c:}")" ;;
  abandoned:c:*) say "  not made, and taken back: $(title_of "${subject#c:}"). $text" ;;
  drifted:a:* | edited:a:*) say "  $(target_of "${subject#a:}"): $text" ;;
  stuck:*) say "  not put back yet: $text" ;;
  reverting:*) say 'Putting everything back.' ;;
  refused:*) refused "${text%% *}" "${text#* }" ;;
  esac
}

# Runs of this script in one state, oldest first: those that changed something.
runs_that_are() { # STATE
  for run in "$BASE/runs/$NAME"-*; do
    [ -e "$run/$1" ] || continue
    [ "$1" != confirmed ] || case $run in *-undo) continue ;; esac
    case $1 in confirmed) set -- "$1" "$run"/done/*.state && [ -e "$2" ] || continue ;; esac
    echo "${run##*/}"
  done
}

began() { # RUN
  detach "$1" apply '' run
  outcome=$(followed "$1" on)
}

# A run that waits gets its answer: from the option, or from the person who sits here.
decide() { # RUN keep|back|ask
  how=$2
  if [ "$how" = ask ] && [ -t 0 ]; then
    say 'Open a second window now and sign in to this server once more.'
    printf 'Could you sign in, and shall the changes stay? Without an answer they are put back. [y/N] ' >&2
    read -r word || word=
    case $word in y | Y | yes) how=keep ;; *) how=back ;; esac
  fi
  case $how in
  keep)
    outcome=$(answer "$1" keep)
    case $outcome in
    *' kept') say 'Kept.' ;;
    *)
      say 'The answer came too late: the server put everything back.'
      return 1
      ;;
    esac
    ;;
  back)
    detach "$1" revert asked "back-$$"
    case $(followed "$1" back) in
    reverted) say 'Everything is as it was.' ;;
    *) say 'Some of it could not be put back; the server tries again at every start.' && return 1 ;;
    esac
    ;;
  *)
    say "The changes wait for an answer. Sign in once more to see that you still can, then: sh $0 keep   or: sh $0 back"
    return 2
    ;;
  esac
}

stop() { say "$*"; exit 4; }

apply() { # keep|back|ask
  ID=$NAME-$(date -u +%Y%m%d-%H%M%S)
  place_files
  stamp "$ID" ''
  began "$ID"
  case $outcome in
  waiting) decide "$ID" "$1" ;;
  confirmed)
    # nothing to remember: it changed nothing
    rm -rf "$BASE/runs/${ID:?}"
    say 'Everything is so already. Nothing was changed.'
    ;;
  *) exit 3 ;;
  esac
}

# Writes into the manifest which run this is and when it was begun.
stamp() { # RUN UNDOES
  manifest=$BASE/runs/$1/manifest
  sed -e "s/\"id\":\"[^\"]*\"/\"id\":\"$1\"$2/" -e "s/\"at\":\"[^\"]*\"/\"at\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"/" "$manifest" >"$manifest.new" &&
    mv -f "$manifest.new" "$manifest" || x start "$manifest cannot be written"
}

undo() { # leave|over|'' keep|back|ask
  SOURCE=$(runs_that_are confirmed | tail -n 1)
  [ -n "$SOURCE" ] || { say 'Nothing of this script is left on this server.'; exit 0; }
  leave=- over=-
  undo_run undo
  if [ "$outcome" = refused ]; then
    edited=$(sed -n "s/^.*${TAB}refused${TAB}run${TAB}drift //p" "$BASE/runs/$ID/journal" | tr ' ' ,)
    [ -n "$edited" ] || exit 3
    case $1 in
    leave) leave=$edited ;;
    over) over=$edited ;;
    *) stop "Somebody edited these places since. sh $0 undo leave: leaves them as they are. sh $0 undo over: puts them back as well." ;;
    esac
    undo_run again
  fi
  case $outcome in waiting) decide "$ID" "$2" ;; confirmed) say 'There was nothing to put back.' ;; *) exit 3 ;; esac
}

undo_run() { # LAST-WORD
  ID=$NAME-$(date -u +%Y%m%d-%H%M%S)-$1-undo
  if begin_upload "$ID"; then
    echo "undo $SOURCE $leave $over" >"$new/mode"
    cp "$BASE/runs/$SOURCE/manifest" "$BASE/runs/$SOURCE/revert.sh" "$BASE/runs/$SOURCE/proof" "$new/" || x room "$new"
    end_upload "$ID"
  fi
  stamp "$ID" ",\"undoes\":\"$SOURCE\""
  began "$ID"
}

waiting_run() {
  open=$(runs_that_are armed | tail -n 1)
  [ -n "$open" ] || stop 'Nothing waits for an answer here.'
}

verb=${1:-show}
how=ask edited_places=
shift $(($# > 0))
for word in "$@"; do
  case $word in --keep) how=keep ;; --back) how=back ;; leave | over) edited_places=$word ;; *) stop "\"$word\" means nothing here." ;; esac
done
case $verb in
apply) apply "$how" ;;
undo) undo "$edited_places" "$how" ;;
keep | back) waiting_run && decide "$open" "$verb" ;;
report)
  probe
  remember
  ;;
*) stop "\"$verb\" is none of: show, apply, keep, back, undo, report." ;;
esac
