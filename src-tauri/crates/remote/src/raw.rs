//! The calls of libssh2 that its Rust wrapper cannot make for us.
//!
//! - The list of sign-in methods and the banner come from the server: the wrapper panics on bytes that are not UTF-8.
//! - Keyboard-interactive with no prompt at all (PAM sends such a round) makes a slice from a null pointer there.
//! - The wrapper copies passwords, keys and passphrases into memory that is not wiped.
//! - The library's own way to an agent cuts off what a security key adds to its signature. With a signature of ours
//!   (`libssh2_userauth_publickey`, which the bindings leave out) it sends the whole.

#![expect(unsafe_code, reason = "the C interface of libssh2")]

use libssh2_sys as sys;
use ssh2::Session;
use std::ffi::{CStr, c_char, c_int, c_uchar, c_uint, c_void};
use zeroize::Zeroizing;

/// What a sign-in attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    Accepted,
    /// The library's code and words; -18 is the server's refusal.
    Refused {
        code: i32,
        text: String,
    },
}

impl Attempt {
    fn of(session: *mut sys::LIBSSH2_SESSION, code: c_int) -> Self {
        if code == 0 { Attempt::Accepted } else { Attempt::Refused { code, text: last_error(session) } }
    }
}

pub(crate) fn code_of(error: &ssh2::Error) -> i32 {
    match error.code() {
        ssh2::ErrorCode::Session(code) | ssh2::ErrorCode::SFTP(code) => code,
    }
}

fn last_error(session: *mut sys::LIBSSH2_SESSION) -> String {
    let mut text: *mut c_char = std::ptr::null_mut();
    // SAFETY: the session lives (the caller holds its lock); with want_buf 0 the text belongs to it and is copied at once.
    unsafe {
        sys::libssh2_session_last_error(session, &mut text, std::ptr::null_mut(), 0);
        if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}

/// Asks which methods may go on ("none" request). `Ok(None)`: the server let the user in without any.
pub(crate) fn methods(session: &Session, user: &str) -> Result<Option<Vec<String>>, Attempt> {
    let mut guard = session.raw();
    let raw: *mut sys::LIBSSH2_SESSION = &mut *guard;
    // SAFETY: user is passed with its length; the list belongs to the session, ends with a zero, and is copied at once.
    unsafe {
        let list = sys::libssh2_userauth_list(raw, user.as_ptr().cast(), length(user.as_bytes()));
        if !list.is_null() {
            let text = CStr::from_ptr(list).to_string_lossy().into_owned();
            return Ok(Some(text.split(',').filter(|m| !m.is_empty()).map(str::to_owned).collect()));
        }
        if sys::libssh2_userauth_authenticated(raw) != 0 {
            return Ok(None);
        }
        Err(Attempt::of(raw, sys::libssh2_session_last_errno(raw)))
    }
}

/// The text that the server shows before signing in, if it showed any.
pub(crate) fn banner(session: &Session) -> Vec<u8> {
    let mut guard = session.raw();
    let raw: *mut sys::LIBSSH2_SESSION = &mut *guard;
    let mut text: *mut c_char = std::ptr::null_mut();
    // SAFETY: on 0 the text belongs to the session and ends with a zero; it is copied while the lock is held.
    unsafe {
        if sys::libssh2_userauth_banner(raw, &mut text) != 0 || text.is_null() {
            return Vec::new();
        }
        CStr::from_ptr(text).to_bytes().to_vec()
    }
}

/// One try with a password, read from where it lies: no copy of ours is left behind.
pub(crate) fn password(session: &Session, user: &str, password: &str) -> Attempt {
    let mut guard = session.raw();
    let raw: *mut sys::LIBSSH2_SESSION = &mut *guard;
    // SAFETY: both texts are passed with their lengths and outlive the call.
    unsafe {
        let code = sys::libssh2_userauth_password_ex(
            raw,
            user.as_ptr().cast(),
            length(user.as_bytes()),
            password.as_ptr().cast(),
            length(password.as_bytes()),
            Some(no_new_password),
        );
        Attempt::of(raw, code)
    }
}

/// One try with a private key as it stands in its file. Both texts are zero-terminated copies that the caller wipes.
pub(crate) fn key(session: &Session, user: &str, key: &CStr, passphrase: Option<&CStr>) -> Attempt {
    let mut guard = session.raw();
    let raw: *mut sys::LIBSSH2_SESSION = &mut *guard;
    // SAFETY: user and key are passed with their lengths, the passphrase ends with a zero, and all outlive the call.
    unsafe {
        let code = sys::libssh2_userauth_publickey_frommemory(
            raw,
            user.as_ptr().cast(),
            user.len(),
            std::ptr::null(),
            0,
            key.as_ptr(),
            key.count_bytes(),
            passphrase.map_or(std::ptr::null(), CStr::as_ptr),
        );
        Attempt::of(raw, code)
    }
}

type SignFunction = extern "C" fn(
    *mut sys::LIBSSH2_SESSION,
    *mut *mut c_uchar,
    *mut usize,
    *const c_uchar,
    usize,
    *mut *mut c_void,
) -> c_int;

unsafe extern "C" {
    fn libssh2_userauth_publickey(
        session: *mut sys::LIBSSH2_SESSION,
        user: *const c_char,
        public: *const c_uchar,
        public_length: usize,
        sign: Option<SignFunction>,
        abstract_pointer: *mut *mut c_void,
    ) -> c_int;
}

type Signing<'a> = dyn FnMut(&[u8]) -> Option<Vec<u8>> + 'a;

/// One try with a key whose private half is elsewhere: `sign` gets what is to be signed.
pub(crate) fn signed_elsewhere(session: &Session, user: &CStr, public: &[u8], sign: &mut Signing<'_>) -> Attempt {
    let mut guard = session.raw();
    let raw: *mut sys::LIBSSH2_SESSION = &mut *guard;
    let mut slot: &mut Signing<'_> = sign;
    // SAFETY: user ends with a zero, the key is passed with its length, and `slot` outlives the call, which is the only
    // time the callback runs.
    unsafe {
        let pointer = (&raw mut slot).cast::<*mut c_void>();
        let code =
            libssh2_userauth_publickey(raw, user.as_ptr(), public.as_ptr(), public.len(), Some(sign_it), pointer);
        Attempt::of(raw, code)
    }
}

extern "C" fn sign_it(
    _: *mut sys::LIBSSH2_SESSION,
    signature: *mut *mut c_uchar,
    signature_length: *mut usize,
    data: *const c_uchar,
    data_length: usize,
    slot: *mut *mut c_void,
) -> c_int {
    // SAFETY: `slot` is the closure passed above; the data comes with its length. The answer goes into memory from malloc,
    // which libssh2's default free takes.
    unsafe {
        let sign = &mut *slot.cast::<&mut Signing<'_>>();
        let Some(answer) = sign(std::slice::from_raw_parts(data, data_length)) else { return -1 };
        let copy = libc::malloc(answer.len().max(1)).cast::<u8>();
        if copy.is_null() {
            return -1;
        }
        std::ptr::copy_nonoverlapping(answer.as_ptr(), copy, answer.len());
        *signature = copy;
        *signature_length = answer.len();
    }
    0
}

/// With this, an old password that has to be changed has a code of its own (-15); without it, it looks refused.
extern "C" fn no_new_password(_: *mut sys::LIBSSH2_SESSION, _: *mut *mut c_char, _: *mut c_int, _: *mut *mut c_void) {}

/// What the server asks in one round.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) title: String,
    pub(crate) instruction: String,
    pub(crate) prompts: Vec<(String, bool)>,
}

type Answering<'a> = dyn FnMut(Round) -> Vec<Zeroizing<String>> + 'a;

/// One keyboard-interactive exchange, of as many rounds as the server likes.
pub(crate) fn keyboard_interactive(session: &Session, user: &str, answer: &mut Answering<'_>) -> Attempt {
    let mut guard = session.raw();
    let raw: *mut sys::LIBSSH2_SESSION = &mut *guard;
    // The callback gets the session's abstract pointer; it points to our closure for the length of the call.
    let mut slot: &mut Answering<'_> = answer;
    // SAFETY: the lock is held for the whole call, so nobody else sees the abstract pointer, and it is put back before
    // `slot` goes away. The callback runs only inside this call.
    unsafe {
        let abstract_pointer = sys::libssh2_session_abstract(raw);
        let before = *abstract_pointer;
        *abstract_pointer = (&raw mut slot).cast::<c_void>();
        let code = sys::libssh2_userauth_keyboard_interactive_ex(
            raw,
            user.as_ptr().cast(),
            length(user.as_bytes()),
            Some(respond),
        );
        *abstract_pointer = before;
        Attempt::of(raw, code)
    }
}

extern "C" fn respond(
    title: *const c_char,
    title_length: c_int,
    instruction: *const c_char,
    instruction_length: c_int,
    count: c_int,
    prompts: *const sys::LIBSSH2_USERAUTH_KBDINT_PROMPT,
    responses: *mut sys::LIBSSH2_USERAUTH_KBDINT_RESPONSE,
    abstract_pointer: *mut *mut c_void,
) {
    let count = usize::try_from(count).unwrap_or(0);
    // SAFETY: libssh2 passes lengths with its texts; the arrays have `count` members and may be null when that is 0. The
    // abstract pointer is the one set above. Answers go into memory from malloc, which libssh2's default free takes.
    unsafe {
        let slot = &mut *(*abstract_pointer).cast::<&mut Answering<'_>>();
        let prompt = |index: usize| {
            let prompt = &*prompts.add(index);
            (text(prompt.text.cast(), prompt.length), prompt.echo != 0)
        };
        let round = Round {
            title: text(title, usize::try_from(title_length).unwrap_or(0)),
            instruction: text(instruction, usize::try_from(instruction_length).unwrap_or(0)),
            prompts: (0..if prompts.is_null() { 0 } else { count }).map(prompt).collect(),
        };
        let asked = round.prompts.len();
        for (index, answer) in slot(round).iter().enumerate().take(asked) {
            let copy = libc::malloc(answer.len().max(1)).cast::<u8>();
            if copy.is_null() {
                return;
            }
            std::ptr::copy_nonoverlapping(answer.as_ptr(), copy, answer.len());
            let response = &mut *responses.add(index);
            response.text = copy.cast();
            response.length = length(answer.as_bytes());
        }
    }
}

/// # Safety
/// `bytes` is null or points to `length` readable bytes.
unsafe fn text(bytes: *const c_char, length: usize) -> String {
    if bytes.is_null() || length == 0 {
        return String::new();
    }
    // SAFETY: promised by the caller.
    String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), length) }).into_owned()
}

fn length(bytes: &[u8]) -> c_uint {
    c_uint::try_from(bytes.len()).unwrap_or(0)
}
