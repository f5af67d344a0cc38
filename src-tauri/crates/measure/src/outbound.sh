# shellcheck shell=sh disable=SC2154 # ways stands above it
# Tries the ways out of this server, all at once: about 6 s, a few kB each. Writes nothing anywhere.
# Wants: ways="https:HOST:PORT socket:HOST:PORT:/PATH time:HOST:PORT ...". Prints "way WORD WHICH", and for the time of
# a host with addresses of both families "ipv4 WORD WHICH" and "ipv6 WORD WHICH" instead.
set -u
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/sbin:/sbin

# Any answer over HTTPS will do, if its certificate can be trusted: what a program of the role would accept.
https() { # HOST PORT
  if command -v curl >/dev/null 2>&1; then
    curl -s -I -o /dev/null --connect-timeout 5 --max-time 8 "https://$1:$2/"
    stopped $?
  elif command -v openssl >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1; then
    said=$(timeout 8 openssl s_client -connect "$1:$2" -servername "$1" -verify_hostname "$1" -verify_return_error </dev/null 2>&1) &&
      { echo ok; return; }
    unagreed "$said"
  else
    echo no-tool
  fi
}

# How curl ended.
stopped() { # CODE
  case $1 in
  0) echo ok ;;
  5 | 6) echo name ;;
  7 | 28) echo closed ;;
  35 | 51 | 53 | 54 | 58 | 59 | 60 | 66 | 77 | 80 | 83 | 90 | 91) echo untrusted ;;
  *) echo cut ;;
  esac
}

# Why openssl agreed on nothing.
unagreed() { # WHAT IT SAID
  case $1 in
  *CONNECTED*) echo untrusted ;;
  *[Nn]ame\ or\ service* | *getaddrinfo* | *no\ host*) echo name ;;
  *) echo closed ;;
  esac
}

# Asks for a WebSocket (RFC 6455). It is open where the answer is made of our own fresh key.
socket() { # HOST PORT PATH
  { command -v openssl && command -v base64; } >/dev/null 2>&1 || { echo no-tool; return; }
  key=$(openssl rand -base64 16)
  due=$(printf %s "${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11" | openssl dgst -sha1 -binary | base64)
  if command -v curl >/dev/null 2>&1; then
    # An open one says nothing more, so its end is that of our patience.
    said=$(curl -s -D - -o /dev/null --http1.1 --connect-timeout 5 --max-time 8 -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
      -H 'Sec-WebSocket-Version: 13' -H "Sec-WebSocket-Key: $key" "https://$1:$2$3")
    code=$?
    [ -n "$said" ] || { stopped "$code"; return; }
  elif command -v timeout >/dev/null 2>&1; then
    said=$({
      printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' "$3" "$1"
      printf 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n' "$key"
      sleep 5
    } | timeout 8 openssl s_client -quiet -connect "$1:$2" -servername "$1" -verify_hostname "$1" -verify_return_error 2>&1)
    case $said in *HTTP/1.[01]\ *) ;; *) unagreed "$said"; return ;; esac
  else
    echo no-tool
    return
  fi
  case $said in
  *HTTP/1.1\ 101*"$due"*) echo ok ;;
  *HTTP/1.[01]\ 407* | *HTTP/1.[01]\ 50[234]*) echo proxy ;;
  *) echo other ;;
  esac
}

# Asks the time as NTP does (RFC 5905): an answer carries our own 8 bytes back, so nothing else can pass for it.
ntp() { # HOST PORT, and which it is called
  { command -v bash && command -v timeout && command -v od; } >/dev/null 2>&1 || { echo "way no-tool $3"; return; }
  command -v getent >/dev/null 2>&1 || { echo "way $(asked "$1" "$2") $3"; return; }
  getent ahosts "$1" >/dev/null 2>&1 || { echo "way name $3"; return; }
  v4=$(first ahostsv4 "$1") v6=$(first ahostsv6 "$1")
  if [ -z "$v4" ] || [ -z "$v6" ]; then
    echo "way $(asked "${v4:-${v6:-$1}}" "$2") $3"
    return
  fi
  { echo "ipv4 $(asked "$v4" "$2") $3"; } &
  echo "ipv6 $(asked "$v6" "$2") $3"
  wait
}

# The first address of a family. One of the other family, written as one of this, is none.
first() { # DATABASE HOST
  getent "$1" "$2" 2>/dev/null | { read -r address rest; case $address in ::ffff:*) ;; *) echo "$address" ;; esac; }
}

asked() { # ADDRESS PORT
  # shellcheck disable=SC2016 # for bash, not for us
  timeout 6 bash -c '
    exec 4<>"/dev/udp/$1/$2" || exit
    nonce=$(od -An -N8 -tx1 /dev/urandom | tr -d " \n")
    for try in 1 2 3; do
      { printf "\x23"; head -c 39 /dev/zero; printf "$(printf %s "$nonce" | sed "s/../\\\\x&/g")"; } | dd bs=48 count=1 iflag=fullblock >&4
      answer=$(timeout 1.5 dd bs=512 count=1 <&4 | od -An -v -tx1 | tr -d " \n")
      [ "${answer:48:16}" = "$nonce" ] && echo ok && exit
    done
    echo silent' ntp "$1" "$2" 2>/dev/null | grep . || echo silent
}

for way in $ways; do
  (
    kind=${way%%:*} where=${way#*:}
    case $kind in
    https) echo "way $(https "${where%:*}" "${where##*:}") $way" ;;
    socket)
      path=${where##*:} where=${where%:*}
      echo "way $(socket "${where%:*}" "${where##*:}" "$path") $way"
      ;;
    *) ntp "${where%:*}" "${where##*:}" "$way" ;;
    esac
  ) </dev/null &
done
wait
