# shellcheck shell=sh
# The far end of a measured path: answers lines, sends bytes, swallows bytes, as it is told on its standard input.
# Ends with its standard input. Writes nothing anywhere. A line can be cut without a word, so that neither its end nor a
# transfer's is ever seen: what sends or swallows has a limit of its own, and whoever starts us has one for the whole.
set -u
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/sbin:/sbin
# Packets of this connection that had to be sent again, of how many; else those of the whole server.
sent_again() {
  # shellcheck disable=SC2086 # four words: their address and port, ours
  set -- ${SSH_CONNECTION:-}
  if [ $# = 4 ] && command -v ss >/dev/null 2>&1; then
    ss -Htin state established "dst [$1]:$2" 2>/dev/null | tr ' ' '\n' |
      awk -F'[:/]' '/^segs_out:/ { out = $2 } /^retrans:/ { again = $3 } END { if (out) { printf "again %d %d\n", again, out; exit 1 } }' || return 0
  fi
  awk '/^Tcp:/ { if (!seen++) split($0, name); else for (i in name) { n = name[i]; if (n == "OutSegs") out = $i; if (n == "RetransSegs") again = $i } }
    END { if (out) printf "again %d %d\n", again, out }' /proc/net/snmp 2>/dev/null
}
for tool in head dd; do
  command -v $tool >/dev/null 2>&1 || { echo 'refused no-tool'; exit 0; }
done
# Each transfer is as long as takes 2.5 s at the speed of the one before.
limit=20
echo ready
while read -r word count; do
  case $word in
  echo) echo "echo $count" ;;
  clock) echo "clock $(date +%s.%N 2>/dev/null)" ;;
  again) sent_again; echo end ;;
  down) timeout $limit dd if=/dev/zero bs=65536 count="$count" 2>/dev/null || exit 124 ;;
  up) timeout $limit head -c "$count" >/dev/null || exit 124; echo taken ;;
  esac
done
