//! What the mean head says about its vertices: where lips, lids, beards and hair are, and the renderer's own blendshapes.
//!
//! A kit goes in; computed once, from places at rest, for all renders. Lengths are centimeters.

use glam::{Vec2, Vec3, Vec3Swizzles};

use super::{
    curves::{bell, distance_inside, distance_to_line, smoothstep},
    kit::{Kit, Sparse, vertices},
    shapes::{KIT_SHAPES, SHAPES},
};

/// What is known of a vertex of the skin.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Fields {
    /// Distance inside the red of the lips, negative outside.
    pub lip: f32,
    /// Distance from the line between the lips.
    pub mouth_line: f32,
    /// Distance from the edge of the nearer upper and lower lid.
    pub upper_lid: f32,
    pub lower_lid: f32,
    /// Where a moustache, a chin beard, a full beard and a strap along the jaw grow, 0..=1.
    pub moustache: f32,
    pub chin: f32,
    pub jaw: f32,
    pub strap: f32,
    /// Distance behind the hairline, negative on face and neck.
    pub scalp: f32,
}

/// Distance of what is far away: beyond every use.
const FAR: f32 = 9.0;

impl Fields {
    /// Whether any beard grows there.
    fn is_bearded(&self) -> bool {
        self.moustache.max(self.chin).max(self.jaw).max(self.strap) > 0.05
    }

    /// The mean of the fields of three corners, weighted.
    pub(super) fn blend([a, b, c]: [&Self; 3], [of_a, of_b, of_c]: [f32; 3]) -> Self {
        let value = |field: fn(&Self) -> f32| field(a) * of_a + field(b) * of_b + field(c) * of_c;
        Self {
            lip: value(|fields| fields.lip),
            mouth_line: value(|fields| fields.mouth_line),
            upper_lid: value(|fields| fields.upper_lid),
            lower_lid: value(|fields| fields.lower_lid),
            moustache: value(|fields| fields.moustache),
            chin: value(|fields| fields.chin),
            jaw: value(|fields| fields.jaw),
            strap: value(|fields| fields.strap),
            scalp: value(|fields| fields.scalp),
        }
    }
}

/// Facts about the vertices of a kit's skin.
pub(super) struct Anatomy {
    /// Places at rest of all vertices.
    pub rest: Vec<Vec3>,
    /// Fields of each vertex of the skin.
    pub fields: Vec<Fields>,
    /// The renderer's own blendshapes that move the skin: index in [`SHAPES`] and offsets.
    pub own_shapes: Vec<(usize, Sparse)>,
    /// Vertices that bound the face: from the top of the forehead to the chin and from cheek to cheek.
    pub outline: Vec<u32>,
    /// Triangles of the skin that clothes do not hide.
    pub skin: Vec<[u32; 3]>,
    /// Vertices round the left and the right eye that grow with it, and how much, 0..=1.
    pub eyes: [Vec<(u32, f32)>; 2],
    /// Where hair can grow on the scalp, and where a beard can.
    pub scalp: Patch,
    pub beard: Patch,
}

/// A part of the skin with vertices of its own.
pub(super) struct Patch {
    /// The skin's vertex for each of the patch.
    pub vertices: Vec<u32>,
    /// Places at rest of these vertices.
    pub rest: Vec<Vec3>,
    pub triangles: Vec<[u32; 3]>,
}

impl Patch {
    /// The triangles of `skin` with a corner that is `wanted`.
    fn new(skin: &[[u32; 3]], rest: &[Vec3], wanted: impl Fn(u32) -> bool) -> Self {
        let triangles: Vec<[u32; 3]> =
            skin.iter().filter(|corners| corners.iter().any(|vertex| wanted(*vertex))).copied().collect();
        let vertices = vertices(&triangles);
        let place = |vertex| vertices.binary_search(&vertex).expect("it is a corner of these triangles") as u32;
        let triangles = triangles.iter().map(|corners| corners.map(place)).collect();
        Self { rest: vertices.iter().map(|vertex| rest[*vertex as usize]).collect(), triangles, vertices }
    }
}

/// How far before the hairline a fringe or a cap can start.
const SCALP_MARGIN: f32 = 3.5;

/// Whether clothes hide a place: the chest, and the shoulders beside the neck.
fn is_clothed(place: Vec3) -> bool {
    place.y < -15.5 || (place.y < -9.5 && place.x.abs() > 8.2)
}

impl Anatomy {
    pub(super) fn new(kit: &Kit) -> Self {
        let rest: Vec<Vec3> = kit.rest.iter().map(|place| Vec3::from(*place)).collect();
        let marks = kit.landmarks.map(|vertex| rest[vertex as usize]);
        let skin = &rest[..kit.skin_len];
        let fields: Vec<Fields> = skin.iter().map(|place| fields(*place, &marks)).collect();
        let scalp = Patch::new(&kit.skin, &rest, |vertex| fields[vertex as usize].scalp > -SCALP_MARGIN);
        let beard = Patch::new(&kit.skin, &rest, |vertex| fields[vertex as usize].is_bearded());
        let is_bare = |corners: &&[u32; 3]| corners.iter().any(|vertex| !is_clothed(rest[*vertex as usize]));
        let bare = kit.skin.iter().filter(is_bare).copied().collect();
        let bounds = |(vertex, place): (usize, &Vec3)| bounds_face(*place).then_some(vertex as u32);
        let outline = skin.iter().enumerate().filter_map(bounds).collect();
        let own_shapes = own_shapes(skin, &fields);
        let eyes = [0, 1].map(|side: usize| round_eye(skin, Vec3::from(kit.eyes[side].center)));
        Self { skin: bare, fields, own_shapes, outline, eyes, scalp, beard, rest }
    }
}

/// Vertices within reach of an eye: those of the lids fully, then less and less.
fn round_eye(skin: &[Vec3], center: Vec3) -> Vec<(u32, f32)> {
    let share = |place: &Vec3| smoothstep(3.4, 1.9, place.distance(center));
    skin.iter().map(share).zip(0..).filter(|(share, _)| *share > 0.0).map(|(share, vertex)| (vertex, share)).collect()
}

/// Whether a place belongs to the face proper, whose box is the face square: forehead, temples, cheeks, chin. The top is where
/// landmark models see it, well below the hairline: so brows and eyes lie a quarter below the top of the square, as in the
/// squares of photographs.
fn bounds_face(place: Vec3) -> bool {
    place.z > 3.0 && (-7.8..8.0).contains(&place.y) && place.x.abs() < 7.6
}

fn fields(place: Vec3, marks: &[Vec3; 68]) -> Fields {
    let flat = |range: std::ops::Range<usize>| marks[range].iter().map(|mark| mark.xy()).collect::<Vec<_>>();
    let (at, x, y, z) = (place.xy(), place.x.abs(), place.y, place.z);
    let in_front = z > 6.5;
    let lip = if in_front { distance_inside(at, &flat(48..60)) } else { -FAR };
    // Only where lips meet: the lining of the mouth lies behind the same line.
    let mouth_line = if z > 9.4 { distance_to_line(at, &flat(60..65)) } else { FAR };
    let lids = |upper: bool| {
        let line = |eye: usize| -> Vec<Vec2> {
            let order = if upper { [0, 1, 2, 3] } else { [3, 4, 5, 0] };
            order.iter().map(|corner| marks[eye + corner].xy()).collect()
        };
        let distance = distance_to_line(at, &line(36)).min(distance_to_line(at, &line(42)));
        if in_front { distance } else { FAR }
    };
    let beard = Beard::at(x, y, z, lip);
    Fields {
        lip,
        mouth_line,
        upper_lid: lids(true),
        lower_lid: lids(false),
        moustache: beard.moustache,
        chin: beard.chin,
        jaw: beard.jaw,
        strap: beard.strap,
        scalp: scalp(x, y, z),
    }
}

/// Where beards grow.
struct Beard {
    moustache: f32,
    chin: f32,
    jaw: f32,
    strap: f32,
}

impl Beard {
    fn at(x: f32, y: f32, z: f32, lip: f32) -> Self {
        let off_lips = smoothstep(0.05, -0.25, lip);
        let moustache = smoothstep(3.1, 2.3, x) * smoothstep(-1.1, -1.7, y) * smoothstep(-4.4, -3.6, y);
        let chin = smoothstep(2.6, 1.7, x) * smoothstep(-4.3, -5.0, y) * smoothstep(-10.5, -8.5, y);
        // The upper edge runs from the sideburn before the ear to the corner of the mouth; the lower one under the jaw.
        let edge = 2.6 - 0.105 * (7.4 - x).max(0.0).powi(2) - 0.35 * (7.4 - x).max(0.0);
        let below = smoothstep(0.5, -0.9, y - edge);
        let above_neck = smoothstep(-11.5, -8.5, y) * smoothstep(-1.0, 2.5, z);
        let jaw = below * above_neck * smoothstep(1.8, 2.9, x.max(if y < -4.6 { 9.0 } else { 0.0 }));
        let jawline = -7.4 + 0.055 * x * x + 0.0022 * x.powi(4);
        let strap = bell(y - jawline, 0.9) * smoothstep(1.0, 3.0, z);
        let front = if z > 0.0 { off_lips } else { 0.0 };
        Self { moustache: moustache * front, chin: chin * front, jaw: jaw * front, strap: strap * front }
    }
}

/// Distance behind the hairline: high on the forehead, round the temples, before and round the ear, down to the nape.
fn scalp(x: f32, y: f32, z: f32) -> f32 {
    // Height of the hairline by how far back a place is: forehead, temple, ear, nape.
    let forehead = 9.3 - 0.035 * x * x;
    let height = if z > 6.0 {
        forehead
    } else if z > 2.0 {
        let share = (6.0 - z) / 4.0;
        forehead + (4.6 - forehead) * share
    } else if z > -1.5 {
        4.6 + (2.0 - z) / 3.5 * -0.6
    } else {
        (4.0 - (-1.5 - z) * 2.6).max(-5.5)
    };
    y - height
}

/// Own blendshapes, in the order of [`SHAPES`].
fn own_shapes(skin: &[Vec3], fields: &[Fields]) -> Vec<(usize, Sparse)> {
    let shape = |name: &str, offset: &dyn Fn(Vec3, &Fields) -> Vec3| {
        let index = KIT_SHAPES + SHAPES[KIT_SHAPES..].iter().position(|shape| *shape == name).expect("the name is in the list");
        let offsets = skin.iter().zip(fields).map(|(place, fields)| offset(*place, fields));
        let moved = offsets.zip(0..).filter(|(offset, _)| offset.length() > LEAST_OFFSET);
        (index, moved.map(|(offset, vertex)| (vertex, offset.to_array())).collect())
    };
    vec![
        shape("browAngry_L", &|place, _| angry_brow(place, 1.0)),
        shape("browAngry_R", &|place, _| angry_brow(place, -1.0)),
        shape("cheekBalloon_L", &|place, fields| balloon_cheek(place, 1.0, fields)),
        shape("cheekBalloon_R", &|place, fields| balloon_cheek(place, -1.0, fields)),
        shape("lipsIn", &|place, fields| lips_in(place, fields)),
    ]
}

/// Offsets below this are left out: a hundredth of a pixel of a face of 60 pixels.
const LEAST_OFFSET: f32 = 0.01;

/// Inner brow down and in, outer brow a little up: the V that `browDown` lacks (8.5 mm and 2.8 mm, from the data notes).
fn angry_brow(place: Vec3, side: f32) -> Vec3 {
    if place.z < 5.0 {
        return Vec3::ZERO;
    }
    let near = |x: f32, y: f32, wide: f32, high: f32| bell((place.x * side - x) / wide, 1.0) * bell((place.y - y) / high, 1.0);
    let inner = near(1.5, 5.2, 1.25, 1.0);
    let outer = near(5.0, 5.6, 1.1, 0.9);
    Vec3::new(-0.28 * side * inner, -0.85 * inner + 0.25 * outer, 0.22 * inner)
}

/// A cheek blown up like a balloon, to the side and a little forward.
fn balloon_cheek(place: Vec3, side: f32, fields: &Fields) -> Vec3 {
    let distance = Vec3::new(place.x * side - 5.2, place.y + 2.9, place.z - 7.6);
    if distance.length() > 7.0 || place.z < 2.0 {
        return Vec3::ZERO;
    }
    let bulge = bell(distance.length(), 2.3) * smoothstep(0.3, -0.9, fields.lip);
    Vec3::new(1.45 * side, -0.1, 0.85) * bulge
}

/// Lips drawn in between the teeth: their red goes back and to the line of the mouth, the skin round it follows.
fn lips_in(place: Vec3, fields: &Fields) -> Vec3 {
    const LINE: f32 = -3.4;
    let near = smoothstep(-0.9, 0.25, fields.lip);
    Vec3::new(0.0, (LINE - place.y) * 0.45, -0.75) * near
}
