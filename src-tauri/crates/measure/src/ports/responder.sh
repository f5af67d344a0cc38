# shellcheck shell=sh disable=SC2154 # nonce, seconds and ports stand above it
# Starts whatever this server has that can listen. Writes nothing anywhere. What it starts has our standard input as
# descriptor 3 and ends with it.
set -u
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/sbin:/sbin:/usr/libexec
plumbline_caller=${SSH_CONNECTION:-}
plumbline_caller=${plumbline_caller%% *} plumbline_caller=${plumbline_caller#::ffff:}
export plumbline_caller
# A small system may have a python without what it takes.
python=
for tool in python3 platform-python; do
  $tool -c 'import select, signal, socket, struct' 2>/dev/null && python=$tool && break
done
if [ -n "$python" ]; then
  exec "$python" - "$nonce" "$seconds" "$ports" 3<&0 <<'PROGRAM'
@python@
PROGRAM
fi
if command -v perl >/dev/null 2>&1; then
  exec perl - "$nonce" "$seconds" "$ports" 3<&0 <<'PROGRAM'
@perl@
PROGRAM
fi
echo 'refused no-tool'
# Our standard input stays open: without this the shell would wait for more of us.
exit 0
