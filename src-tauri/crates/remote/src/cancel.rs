//! The stop button: pressed once, felt everywhere within two seconds.

use tokio::sync::watch;

/// Clones are the same button.
#[derive(Clone, Debug)]
pub struct Cancel(watch::Sender<bool>);

impl Default for Cancel {
    fn default() -> Self {
        Cancel(watch::Sender::new(false))
    }
}

impl Cancel {
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }

    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once the button is pressed.
    pub async fn cancelled(&self) {
        // `self` keeps the sender alive, so waiting cannot end for another reason.
        let _ = self.0.subscribe().wait_for(|pressed| *pressed).await;
    }
}
