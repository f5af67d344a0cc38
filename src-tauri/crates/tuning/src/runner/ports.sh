# Lets these ports in through rules that somebody else keeps, and takes exactly that back. Runs after those rules are
# loaded; each of ours carries the mark, so that no other rule is ever touched.
chains() { # family table chain of every base chain for incoming packets
  nft list ruleset 2>/dev/null | awk '
    $1 == "table" { family = $2; table = $3 }
    $1 == "chain" { chain = $2 }
    /hook input/ && (family == "inet" || family == "ip" || family == "ip6") && table != "plumbline" { print family, table, chain }'
}
families() { # the commands of both families, where they are
  for tables in iptables ip6tables; do ! command -v "$tables" >/dev/null 2>&1 || echo "$tables"; done
}
rule() { # TABLES VERB-OPTION PROTOCOL NUMBER
  "$1" -w 10 "$2" INPUT -p "$3" --dport "$(echo "$4" | sed 's/-/:/')" -m comment --comment plumbline -j ACCEPT
}
each() { # VERB
  for port in $PORTS; do
    number=${port%/*} protocol=${port#*/}
    if [ "$BY" = nft ]; then
      chains | while read -r family table chain; do
        ours=$(marks "$family" "$table" "$chain" "$protocol dport $number")
        case $1 in
        add) [ -n "$ours" ] || nft insert rule "$family" "$table" "$chain" "$protocol" dport "$number" accept comment '"plumbline"' || exit 1 ;;
        remove) for handle in $ours; do nft delete rule "$family" "$table" "$chain" handle "$handle"; done ;;
        state) [ -n "$ours" ] || exit 1 ;;
        esac
      done || return 1
    else
      for tables in $(families); do
        case $1 in
        add) rule "$tables" -C "$protocol" "$number" 2>/dev/null || rule "$tables" -I "$protocol" "$number" || return 1 ;;
        remove) while rule "$tables" -D "$protocol" "$number" 2>/dev/null; do :; done ;;
        state) rule "$tables" -C "$protocol" "$number" 2>/dev/null || return 1 ;;
        esac
      done
    fi
  done
}
marks() { # FAMILY TABLE CHAIN RULE: handles of ours
  nft -a list chain "$1" "$2" "$3" | sed -n "s/.*$4 accept comment \"plumbline\" # handle \([0-9]*\)\$/\1/p"
}
case ${1:-} in
add | remove) each "$1" ;;
state) if each state; then echo open; else echo closed; fi ;;
esac
