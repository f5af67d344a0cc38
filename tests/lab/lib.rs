//! Throw-away servers
