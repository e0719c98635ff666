//! Worker threads that make batches ahead of the training, in order.

use std::{
    ops::Range,
    sync::mpsc::{Receiver, sync_channel},
    thread::Scope,
};

use smielfy_nets::NetError;

use super::{
    Recipe,
    examples::{Examples, TrainingBatch, training_batch},
    teachers::Teachers,
};

/// Batches that wait in each worker's queue: enough that neither side waits for the other's hiccups.
const QUEUE: usize = 2;

/// Batches of `steps` of `epoch`, each made by one of `workers` threads and given in order; `teachers` have seen them.
pub(super) fn batches<'scope>(
    scope: &'scope Scope<'scope, '_>,
    examples: &'scope dyn Examples,
    teachers: Option<&'scope Teachers>,
    recipe: &'scope Recipe,
    epoch: u64,
    steps: Range<u64>,
    workers: u64,
) -> impl Iterator<Item = Result<TrainingBatch, NetError>> {
    let queues: Vec<Receiver<Result<TrainingBatch, NetError>>> = (0..workers)
        .map(|worker| {
            let (sender, receiver) = sync_channel(QUEUE);
            let mine = (steps.start + worker..steps.end).step_by(workers as usize);
            scope.spawn(move || {
                for step in mine {
                    let first = step * recipe.batch as u64;
                    let mut batch = training_batch(examples, epoch, first..first + recipe.batch as u64, recipe.label_smoothing);
                    let taught = teachers.map_or(Ok(()), |teachers| teachers.teach(&mut batch));
                    if sender.send(taught.map(|()| batch)).is_err() {
                        return;
                    }
                }
            });
            receiver
        })
        .collect();
    let first = steps.start;
    steps.map(move |step| queues[((step - first) % workers) as usize].recv().expect("a worker makes all of its batches"))
}
