# shellcheck shell=sh disable=SC2154 # ways stands above it
# Tries the ways out of this server, all at once: about 6 s, a few kB each. Writes nothing anywhere.
# Wants: ways="https:HOST:PORT time:HOST:PORT ...". Prints "way WORD WHICH".
set -u
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/sbin:/sbin

# Any answer over HTTPS will do, if its certificate can be trusted: what a program of the role would accept.
https() { # HOST PORT
  if command -v curl >/dev/null 2>&1; then
    curl -s -I -o /dev/null --connect-timeout 5 --max-time 8 "https://$1:$2/"
    case $? in
    0) echo ok ;;
    5 | 6) echo name ;;
    7 | 28) echo closed ;;
    35 | 51 | 53 | 54 | 58 | 59 | 60 | 66 | 77 | 80 | 83 | 90 | 91) echo untrusted ;;
    *) echo cut ;;
    esac
  elif command -v openssl >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1; then
    said=$(timeout 8 openssl s_client -connect "$1:$2" -servername "$1" -verify_hostname "$1" -verify_return_error </dev/null 2>&1) &&
      { echo ok; return; }
    case $said in
    *CONNECTED*) echo untrusted ;;
    *[Nn]ame\ or\ service* | *getaddrinfo* | *no\ host*) echo name ;;
    *) echo closed ;;
    esac
  else
    echo no-tool
  fi
}

# Asks the time as NTP does (RFC 5905): an answer carries our own 8 bytes back, so nothing else can pass for it.
ntp() { # HOST PORT
  { command -v bash && command -v timeout && command -v od; } >/dev/null 2>&1 || { echo no-tool; return; }
  command -v getent >/dev/null 2>&1 && ! getent ahosts "$1" >/dev/null 2>&1 && { echo name; return; }
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
    https) word=$(https "${where%:*}" "${where##*:}") ;;
    *) word=$(ntp "${where%:*}" "${where##*:}") ;;
    esac
    echo "way $word $way"
  ) </dev/null &
done
wait
