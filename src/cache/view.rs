//! What others make of a record, kept with it.

use std::{any::Any, cell::OnceCell, fmt, rc::Rc};

/// Something that was made of a record, once, by whoever shows it. It goes with the record; another record begins without.
#[derive(Default)]
pub struct View(OnceCell<Rc<dyn Any>>);

impl View {
    /// What was made before, or is made now.
    pub fn of<T: Any + Clone>(&self, make: impl FnOnce() -> T) -> T {
        match self.0.get().and_then(|made| made.downcast_ref::<T>()) {
            Some(made) => made.clone(),
            None => {
                let made = make();
                let _ = self.0.set(Rc::new(made.clone()));
                made
            }
        }
    }
}

impl Clone for View {
    fn clone(&self) -> Self {
        View::default()
    }
}

impl fmt::Debug for View {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("View")
    }
}
