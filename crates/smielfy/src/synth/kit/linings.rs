//! The back of the head is one material with the linings of mouth and eye sockets: told apart by being connected and by place.

/// A connected part of a mesh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Back of the head and neck.
    Head,
    /// Lining of the mouth.
    Mouth,
    /// Lining of an eye socket, which the eyeball hides.
    EyeSocket,
}

/// The part that each of `triangles` belongs to.
pub(super) fn parts(places: &[[f32; 3]], triangles: &[[u32; 3]]) -> Vec<Part> {
    let mut parents: Vec<u32> = (0..places.len() as u32).collect();
    for [a, b, c] in triangles {
        for other in [b, c] {
            let (first, second) = (root(&mut parents, *a), root(&mut parents, *other));
            parents[second as usize] = first;
        }
    }
    let roots: Vec<u32> = triangles.iter().map(|corners| root(&mut parents, corners[0])).collect();
    let mut bounds = vec![Bounds::EMPTY; places.len()];
    for (corners, root) in triangles.iter().zip(&roots) {
        corners.iter().for_each(|vertex| bounds[*root as usize].add(places[*vertex as usize]));
    }
    roots.iter().map(|root| bounds[*root as usize].part()).collect()
}

/// The vertex that stands for all that are connected with `vertex`.
fn root(parents: &mut [u32], mut vertex: u32) -> u32 {
    while parents[vertex as usize] != vertex {
        let above = parents[parents[vertex as usize] as usize];
        parents[vertex as usize] = above;
        vertex = above;
    }
    vertex
}

/// Extent of a part, in centimeters.
#[derive(Clone, Copy)]
struct Bounds {
    low: [f32; 3],
    high: [f32; 3],
}

impl Bounds {
    const EMPTY: Self = Self { low: [f32::MAX; 3], high: [f32::MIN; 3] };

    fn add(&mut self, place: [f32; 3]) {
        for (axis, value) in place.into_iter().enumerate() {
            self.low[axis] = self.low[axis].min(value);
            self.high[axis] = self.high[axis].max(value);
        }
    }

    /// Head and neck are wider than 10 cm; sockets of eyes lie above the mouth's lining, which ends below the nose.
    fn part(self) -> Part {
        let [low, high] = [self.low, self.high];
        if high[0] - low[0] > 10.0 {
            Part::Head
        } else if low[1] > 0.5 {
            Part::EyeSocket
        } else {
            Part::Mouth
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_by_connection_and_place() {
        let places = [
            [-7.0, 0.0, 0.0],
            [7.0, 0.0, 0.0],
            [0.0, 9.0, 0.0],
            [0.0, -9.0, 0.0],
            [2.0, 3.0, 8.0],
            [4.0, 3.0, 8.0],
            [3.0, 4.0, 8.0],
            [-2.0, -3.0, 9.0],
            [2.0, -3.0, 9.0],
            [0.0, -4.0, 5.0],
        ];
        let triangles = [[0, 1, 2], [4, 5, 6], [7, 8, 9], [3, 2, 1]];
        assert_eq!(parts(&places, &triangles), [Part::Head, Part::EyeSocket, Part::Mouth, Part::Head]);
    }
}
