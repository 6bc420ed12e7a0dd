//! How state is shared while user code may run: cells that are emptied while in use, and a permission to call out.
//!
//! No Rust borrow of engine state lives across a call into the program. Small values sit in `Cell`s; larger cores
//! in a [`TakeCell`], which is empty while somebody works on its content. An empty cell is a normal state ("busy
//! further down the stack", or "lost to a panic") and is answered with an error value, never unwrapped.
use std::cell::Cell;

/// Permission to run user code. Made once per entry from C by the edge, handed down by reference, never stored.
///
/// [`TakeCell::with`] holds it for the time a core is out, so calling the program from in there does not compile.
pub struct MayCall(());

impl MayCall {
    /// For the entry points of the C edge and for tests: one per outermost frame.
    pub fn enter() -> Self {
        MayCall(())
    }
}

/// A boxed core that is taken out while it is worked on.
pub struct TakeCell<T>(Cell<Option<Box<T>>>);

impl<T> TakeCell<T> {
    pub const fn empty() -> Self {
        TakeCell(Cell::new(None))
    }

    /// Runs `work` on the core, or returns `None` when the cell is empty.
    ///
    /// `work` cannot call the program: it would need the permission that this call holds.
    pub fn with<R>(&self, _held: &mut MayCall, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.visit(work)
    }

    /// Like [`with`](Self::with) for places that hold no permission at all (getters), which cannot call out anyway.
    pub fn visit<R>(&self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut core = self.0.take()?;
        let result = work(&mut core);
        self.set(core);
        Some(result)
    }

    /// Mostly the cell is empty, since what was in it was taken: so what to do with another content is kept apart.
    #[inline]
    pub fn set(&self, core: Box<T>) {
        if let Some(other) = self.0.replace(Some(core)) {
            discard(other);
        }
    }

    pub fn take(&self) -> Option<Box<T>> {
        self.0.take()
    }

    pub fn replace(&self, core: Box<T>) -> Option<Box<T>> {
        self.0.replace(Some(core))
    }

    pub fn is_set(&self) -> bool {
        let core = self.0.take();
        let is_set = core.is_some();
        // What it replaces is nothing, which the compiler does not see.
        std::mem::forget(self.0.replace(core));
        is_set
    }
}

#[cold]
fn discard<T>(_: Box<T>) {}

impl<T> Default for TakeCell<T> {
    fn default() -> Self {
        Self::empty()
    }
}

/// Reads or changes a value that is not `Copy` and lies in a plain `Cell`; the cell holds a default meanwhile.
pub fn peek<T: Default, R>(cell: &Cell<T>, work: impl FnOnce(&mut T) -> R) -> R {
    let mut value = cell.take();
    let result = work(&mut value);
    cell.set(value);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_in_use_reads_as_empty() {
        let cell = TakeCell::empty();
        cell.set(Box::new(5));
        let mut may = MayCall::enter();
        let seen = cell.with(&mut may, |value| {
            *value += 1;
            cell.visit(|_| ()).is_none()
        });
        assert_eq!(seen, Some(true));
        assert_eq!(cell.visit(|value| *value), Some(6));
    }
}
