//! What crosses between Rust and the window. Plain data; made from domain types in one place, decided nowhere here.
//!
//! Numbers that JavaScript must hold exactly are `u32` or `f64`, and an `f64` is always finite. Every tagged union has `kind` as its tag.

pub(crate) mod changing;
pub(crate) mod checking;
pub(crate) mod choosing;
pub(crate) mod measuring;
pub(crate) mod past;
pub(crate) mod reaching;
pub(crate) mod result;
pub(crate) mod running;
mod sentences;
mod settings;

pub(crate) use changing::{KeepAsk, LeftForYou, Plan};
pub(crate) use checking::{Aside, CheckReply, CheckStep, Checked, Finding};
pub(crate) use choosing::{Offer, RequirementsOpened, RoleNeeds};
pub(crate) use measuring::{Measurable, MeasureReply, MeasureStep, StorageAsk};
pub(crate) use past::{Compared, EditedPlace, History, PastRun};
pub(crate) use reaching::{
    ChangedKey, ConnectAsk, ConnectDefaults, ConnectReply, ConnectStep, KeyFile, KeychainState, SavedServer,
    ServerHead, SetupOpened, SignIn, Trust,
};
pub(crate) use result::{FitRow, Saved, Summary};
pub(crate) use running::{ApplyOutcome, ApplyReply, ApplyStep, RunStep, UndoAnswers};
pub(crate) use settings::{About, Settings};

use serde::Serialize;
use specta::Type;

/// The word by which a closed set's member goes in files, JSON and here: `could_not_tell`.
pub(crate) fn word<T: Serialize>(member: &T) -> String {
    match serde_json::to_value(member) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Something did not work: what happened, what is safe, what to do next. The code stands in the details only.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) happened: String,
    pub(crate) safe: String,
    pub(crate) next: String,
    /// Which field caused it: "address", "port", "user", "password", "passphrase", "keyFile", "jump"; empty for none.
    pub(crate) field: String,
    /// How far we got, for the path of four hops: "name", "network", "port", "ssh", "sign_in"; empty where it says nothing.
    pub(crate) reached: String,
    /// Other remedies, most likely first.
    pub(crate) remedies: Vec<String>,
    /// Raw text behind "Copy details"; free of secrets.
    pub(crate) details: String,
}
