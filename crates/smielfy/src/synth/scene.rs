//! People before a camera: who stands where with which expression goes in; bodies to render and the truth about faces come out.

use glam::Vec3;
use smielfy_vision::BoundingBox;

use super::{
    anatomy::Anatomy,
    camera::{Camera, Placement},
    head::{Head, Skull},
    kit::Kit,
    material::Material,
    mesh::{Body, Surface},
    parts::{eyes, glasses, hair, hand, hat, shirt, tongue},
    person::Person,
    shapes::Expression,
    skin::Skin,
    wrinkles::Wrinkles,
};

/// Weight of `jawOpen`, and of what bares teeth, from which the inside of the mouth may be seen.
const MOUTH_OPEN: f32 = 0.01;

/// Somebody in some expression, ready to be rendered: owns what the bodies borrow.
pub(super) struct Actor<'a> {
    kit: &'a Kit,
    anatomy: &'a Anatomy,
    person: &'a Person,
    expression: Expression,
    shows_mouth: bool,
    skull: Skull,
    head: Head,
    skin: Skin<'a>,
}

impl<'a> Actor<'a> {
    pub(super) fn new(kit: &'a Kit, anatomy: &'a Anatomy, person: &'a Person, expression: &Expression) -> Self {
        let shows_mouth = may_show_mouth(expression);
        let len = if shows_mouth { kit.rest.len() } else { kit.lined_len };
        let skull = Skull::new(kit, anatomy, &person.identity, person.eye_size, len);
        let head = Head::new(kit, anatomy, &skull, expression);
        let skin = Skin {
            anatomy,
            look: &person.skin,
            wrinkles: Wrinkles::new(expression, person.age),
            lips_seen: 1.0 - 0.9 * expression.get("lipsIn").clamp(0.0, 1.0),
        };
        Self { kit, anatomy, person, expression: *expression, shows_mouth, skull, head, skin }
    }

    /// Everything of this person, placed in camera space.
    pub(super) fn bodies(&self, placement: &Placement) -> Vec<Body<'_>> {
        let (turn, shoulders) = (placement.head(), placement.shoulders());
        let landmarks = self.head.landmarks(self.kit);
        let mut parts = vec![self.flesh()];
        parts.extend(eyes(&self.skull, &self.person.eyes, &self.expression));
        parts.extend(tongue(&landmarks, &self.expression, self.person.tongue));
        parts.extend(hair(self.kit, self.anatomy, &self.head, &self.person.hair, &self.person.skin.beard));
        parts.extend(self.person.hat.iter().flat_map(hat));
        parts.extend(self.person.glasses.iter().flat_map(|look| glasses(&self.skull, landmarks[28], look)));
        parts.extend(self.person.hand.iter().flat_map(|look| hand(look, landmarks[8])));
        let placed = parts.into_iter().map(|body| body.moved(|place| placement.place(&turn, place), |normal| turn * normal));
        let clothes = shirt(&self.person.shirt);
        placed.chain([clothes.moved(|place| placement.place(&shoulders, place), |normal| shoulders * normal)]).collect()
    }

    /// Skin and the inside of the mouth.
    fn flesh(&self) -> Body<'_> {
        let surface = |triangles: &'a [[u32; 3]], material| Surface { triangles: triangles.into(), material, two_sided: false };
        let lining = surface(&self.kit.mouth, Material::Flesh { color: self.person.gums * 0.6 });
        let mut surfaces = vec![surface(&self.anatomy.skin, Material::Skin(&self.skin)), lining];
        if self.shows_mouth {
            surfaces.extend([
                surface(&self.kit.gums, Material::Flesh { color: self.person.gums }),
                surface(&self.kit.teeth, Material::Teeth { color: self.person.teeth }),
            ]);
        }
        Body {
            positions: self.head.places.clone(),
            normals: self.head.normals.clone(),
            coords: self.anatomy.rest[..self.head.places.len()].into(),
            surfaces,
        }
    }

    /// The landmarks in camera space.
    pub(super) fn landmarks(&self, placement: &Placement) -> [Vec3; 68] {
        let turn = placement.head();
        self.head.landmarks(self.kit).map(|place| placement.place(&turn, place))
    }

    /// The face square in pixels: centered on the box from the top of the forehead to the chin and from cheek to cheek, its side
    /// the longer side of that box.
    pub(super) fn face_square(&self, placement: &Placement, camera: &Camera) -> BoundingBox {
        let turn = placement.head();
        let place = |vertex: &u32| placement.place(&turn, self.head.places[*vertex as usize]);
        let points = self.anatomy.outline.iter().map(|vertex| camera.project(place(vertex)));
        let (mut low, mut high) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
        for (x, y) in points {
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
        }
        let side = (high.0 - low.0).max(high.1 - low.1);
        BoundingBox::centered(f32::midpoint(low.0, high.0), f32::midpoint(low.1, high.1), side)
    }
}

/// Whether teeth and gums may be seen: the lining of the mouth always may, where lips are a little apart.
fn may_show_mouth(expression: &Expression) -> bool {
    let opening = ["jawOpen", "mouthFunnel", "mouthUpperUp_L", "mouthUpperUp_R", "mouthLowerDown_L", "mouthLowerDown_R"];
    opening.iter().any(|name| expression.get(name) > MOUTH_OPEN)
}
