//! Consentry.
