# As responder.py, for servers that have perl and no python.
use strict;
use Socket qw(:all);
use constant LINE => 3;
my ($nonce, $seconds, $list) = @ARGV;
open(my $line, "<&=", LINE) or exit 1;
alarm $seconds + 2;
$| = 1;
$SIG{PIPE} = sub { exit 1 };
my $caller = $ENV{plumbline_caller} || "";
my (%held, %wanted, %told, $raw);

sub say_ { my $line = join(" ", @_) . "\n"; syswrite(STDOUT, $line) or exit 1; }
sub tell_ { my $line = join(" ", @_); say_($line) if keys %told < 600 && !$told{$line}++; }

sub listen_ {
  my ($kind, $port, $family) = @_;
  my $inet = $family == 4 ? AF_INET : AF_INET6;
  my $one;
  socket($one, $inet, $kind eq "t" ? SOCK_STREAM : SOCK_DGRAM, 0) or return say_("absent", $kind, $port, $family);
  setsockopt($one, IPPROTO_IPV6, IPV6_V6ONLY, pack("i", 1)) if $family == 6;
  setsockopt($one, SOL_SOCKET, SO_REUSEADDR, pack("i", 1)) if $kind eq "t";
  my $place = $family == 4 ? pack_sockaddr_in($port, INADDR_ANY) : pack_sockaddr_in6($port, IN6ADDR_ANY);
  if (!bind($one, $place) || ($kind eq "t" && !listen($one, 8))) {
    return say_($!{EADDRINUSE} ? "taken" : $!{EACCES} || $!{EPERM} ? "denied" : "absent", $kind, $port, $family);
  }
  $held{fileno $one} = [$one, $kind, $port, $family];
  say_("holds", $kind, $port, $family);
}

sub hear {
  my ($one, $kind, $port, $family) = @_;
  my $reply = "plumbline $nonce $port\n";
  if ($kind eq "t") {
    accept(my $guest, $one) or return;
    say_("got", $kind, $port, $family, $port);
    local $SIG{PIPE} = "IGNORE";
    syswrite($guest, $reply);
    close $guest;
  } else {
    my $from = recv($one, my $data, 2048, 0);
    return unless defined $from;
    if ($data =~ /^plumbline \Q$nonce\E (\d{1,5})\n?\z/) {
      say_("got", $kind, $port, $family, $1);
      send($one, $reply, 0, $from);
    }
  }
}

# A packet as it comes in, before any firewall of this server has seen it.
sub look {
  my $from = recv($raw, my $data, 2048, 0);
  return unless defined $from && length $data >= 40 && (unpack("x10C", $from))[0] != 4;
  my ($family, $protocol, $start, $source);
  my $version = ord($data) >> 4;
  if ($version == 4) {
    ($family, $protocol, $start, $source) = (4, ord(substr($data, 9)), (ord($data) & 15) * 4, inet_ntop(AF_INET, substr($data, 12, 4)));
  } elsif ($version == 6) {
    ($family, $protocol, $start, $source) = (6, ord(substr($data, 6)), 40, inet_ntop(AF_INET6, substr($data, 8, 16)));
  } else { return }
  return if length $data < $start + 8;
  my ($near, $port) = unpack("nn", substr($data, $start, 4));
  if ($protocol == 6 && length $data > $start + 13 && (ord(substr($data, $start + 13)) & 0x12) == 2) {
    tell_("saw", "t", $port, $family, $near) if $wanted{"t$port"} || $source eq $caller;
  } elsif ($protocol == 17 && substr($data, $start + 8) =~ /^plumbline \Q$nonce\E (\d{1,5})/) {
    tell_("saw", "u", $port, $family, $1);
  }
}

use Errno;
$wanted{$_} = 1 for split /,/, $list;
socket($raw, 17, SOCK_DGRAM, unpack("S", pack("n", 3))) or undef $raw;
for my $word (sort keys %wanted) { listen_(substr($word, 0, 1), substr($word, 1), $_) for 4, 6 }
say_("sniffs", $raw ? "yes" : "no");
say_("ready");
my $end = time + $seconds;
while (time < $end) {
  my $bits = "";
  vec($bits, $_, 1) = 1 for keys %held;
  vec($bits, fileno $raw, 1) = 1 if $raw;
  vec($bits, LINE, 1) = 1;
  select(my $ready = $bits, undef, undef, 0.3);
  # Nothing is said on it; what comes all the same is noise.
  exit if vec($ready, LINE, 1) && !sysread($line, my $noise, 4096);
  for my $number (keys %held) { hear(@{$held{$number}}) if vec($ready, $number, 1) }
  look() if $raw && vec($ready, fileno $raw, 1);
}
