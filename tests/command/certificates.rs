//! Certificates for servers that tests start, made by openssl in a folder.

/// An authority `ca`, one below it, and certificates that are good, too old, for somebody else, by nobody, and without
/// the one that vouches for them.
pub(crate) const CERTIFICATES: &str = r#"
set -e
cat >openssl.cnf <<'C'
[req]
distinguished_name = dn
[dn]
[ca]
default_ca = d
[d]
new_certs_dir = .
database = index
policy = p
default_md = sha256
unique_subject = no
rand_serial = yes
email_in_dn = no
[p]
commonName = supplied
C
: >index
export OPENSSL_CONF=$PWD/openssl.cnf
made() { # NAME FROM UNTIL EXTENSIONS, and by whom
  name=$1 from=$2 until=$3
  printf '%s\n' "$4" >ext
  shift 4
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$name.key" -out "$name.csr" -subj "/CN=$name"
  openssl ca -batch -notext -in "$name.csr" -startdate "$from" -enddate "$until" -extfile ext -out "$name.pem" "$@"
}
authority='basicConstraints = critical,CA:TRUE'
here='subjectAltName = DNS:localhost,IP:127.0.0.1'
then=20200101000000Z old=20210101000000Z far=20490101000000Z
made ca $then $far "$authority" -selfsign -keyfile ca.key
made below $then $far "$authority" -cert ca.pem -keyfile ca.key
made good $then $far "$here" -cert below.pem -keyfile below.key
made old $then $old "$here" -cert below.pem -keyfile below.key
made other $then $far 'subjectAltName = DNS:elsewhere.invalid' -cert below.pem -keyfile below.key
made own $then $far "$here" -selfsign -keyfile own.key
for name in good old other; do cat $name.pem below.pem >$name.chain; done
cp own.pem own.chain
cp good.pem alone.chain
cp good.key alone.key
"#;
