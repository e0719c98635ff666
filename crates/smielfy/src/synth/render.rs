//! Bodies, light and a camera in; the picture of them on nothing out.
//!
//! Visibility is found first, at 2 x 2 samples a pixel; then each pixel is painted once for each surface that it shows. So what
//! is hidden costs no paint, and edges are smooth.

use std::cell::Cell;

use glam::{Vec2, Vec3};

use super::{
    camera::Camera,
    curves::smoothstep,
    light::{Aspect, Lighting},
    material::Material,
    mesh::{Body, Surface},
    raster::{Hit, MAX_SURFACES, Raster, SAMPLES, ScreenVertex, barycentric},
};

/// Light that reached the camera, before exposure.
pub(super) struct Exposure {
    /// Light of each pixel, times its coverage.
    pub light: Vec<Vec3>,
    /// Share of each pixel that bodies cover, 0..=1.
    pub coverage: Vec<f32>,
    /// Mean brightness of the skin (Rec. 709 luminance of linear light), or 0 where none is seen.
    pub skin_brightness: f32,
}

/// Luminance of linear light (ITU-R BT.709).
pub(super) const LUMINANCE: Vec3 = Vec3::new(0.2126, 0.7152, 0.0722);

/// A surface with all that is needed to paint it.
struct Drawn<'b> {
    body: &'b Body<'b>,
    screen: &'b [ScreenVertex],
    surface: &'b Surface<'b>,
}

/// Renders `bodies`, which are in camera space, as `width` x `height` pixels.
pub(super) fn render(bodies: &[Body<'_>], camera: &Camera, lighting: &Lighting, width: u32, height: u32) -> Exposure {
    let screens: Vec<Vec<ScreenVertex>> =
        bodies.iter().map(|body| body.positions.iter().map(|place| camera.screen(*place)).collect()).collect();
    let of_body = |(body, screen)| surfaces(body, screen);
    let drawn: Vec<Drawn<'_>> = bodies.iter().zip(&screens).flat_map(of_body).collect();
    assert!(drawn.len() <= MAX_SURFACES, "too many surfaces in a picture");
    let mut raster = Raster::new(width, height);
    for (number, drawn) in drawn.iter().enumerate() {
        raster.draw(drawn.screen, drawn.surface, number);
    }
    let distances = raster.depth.iter().map(|depth| 1.0 / depth).collect();
    Painter { raster, distances, drawn, camera: *camera, lighting, last: Cell::new(None) }.paint(width, height)
}

fn surfaces<'b>(body: &'b Body<'b>, screen: &'b Vec<ScreenVertex>) -> impl Iterator<Item = Drawn<'b>> {
    body.surfaces.iter().map(move |surface| Drawn { body, screen, surface })
}

struct Painter<'b> {
    raster: Raster,
    /// Distance of what is nearest at each sample, in centimeters; infinite where nothing is.
    distances: Vec<f32>,
    drawn: Vec<Drawn<'b>>,
    camera: Camera,
    lighting: &'b Lighting,
    /// Openness and light found last, for the second of two pixels side by side: they change little from one to the next, and
    /// finding them is half of the work.
    last: Cell<Option<(Pair, (f32, f32))>>,
}

/// A surface in two pixels side by side.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pair {
    surface: usize,
    column: usize,
    row: usize,
}

impl Painter<'_> {
    fn paint(&self, width: u32, height: u32) -> Exposure {
        let count = width as usize * height as usize;
        let (mut light, mut coverage) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut skin = (0.0, 0.0);
        for y in 0..height as usize {
            for x in 0..width as usize {
                let (sum, covered) = self.pixel(x, y, &mut skin);
                light.push(sum);
                coverage.push(covered);
            }
        }
        let skin_brightness = if skin.1 > 0.0 { skin.0 / skin.1 } else { 0.0 };
        Exposure { light, coverage, skin_brightness }
    }

    /// Light and coverage of a pixel; `skin` collects the brightness and number of samples that show skin.
    fn pixel(&self, x: usize, y: usize, skin: &mut (f32, f32)) -> (Vec3, f32) {
        const COUNT: usize = SAMPLES * SAMPLES;
        let index = |sample: usize| (y * SAMPLES + sample / SAMPLES) * self.raster.stride + x * SAMPLES + sample % SAMPLES;
        let hits: [Option<Hit>; COUNT] = std::array::from_fn(|sample| self.raster.hit(index(sample)));
        let (mut light, mut covered) = (Vec3::ZERO, 0.0);
        for (sample, hit) in hits.iter().enumerate() {
            let Some(hit) = hit else { continue };
            let same = |other: &Option<Hit>| other.is_some_and(|other| other.surface == hit.surface);
            if hits[..sample].iter().any(same) {
                continue;
            }
            let share = hits[sample..].iter().filter(|other| same(other)).count() as f32 / COUNT as f32;
            let color = self.sample(index(sample), *hit);
            if matches!(self.drawn[hit.surface].surface.material, Material::Skin(_)) {
                skin.0 += share * color.dot(LUMINANCE);
                skin.1 += share;
            }
            light += color * share;
            covered += share;
        }
        (light, covered)
    }

    /// Light from what is seen at a sample.
    fn sample(&self, index: usize, hit: Hit) -> Vec3 {
        let Drawn { body, screen, surface } = &self.drawn[hit.surface];
        let (x, y) = ((index % self.raster.stride) as f32 + 0.5, (index / self.raster.stride) as f32 + 0.5);
        let corners = surface.triangles[hit.triangle];
        let weights = barycentric(corners.map(|vertex| screen[vertex as usize]), x, y);
        let blend =
            |values: &[Vec3]| corners.iter().zip(weights).map(|(vertex, weight)| values[*vertex as usize] * weight).sum::<Vec3>();
        let place = self.camera.place(x, y, self.raster.depth[index]);
        let view = -place.normalize();
        let normal = blend(&body.normals).normalize_or_zero();
        let normal = if surface.two_sided && normal.dot(view) < 0.0 { -normal } else { normal };
        let paint = surface.material.paint(blend(&body.coords), corners, weights);
        let (openness, lit) = match surface.material {
            // Clothes are far from faces, and hair is rough anyway: there they would cost more than they show.
            Material::Cloth { .. } => (0.9, 1.0),
            Material::Hair { .. } => (0.9, self.lit(place, normal)),
            _ => self.surroundings(hit.surface, x, y, place, normal),
        };
        // Teeth shine between the lips, whatever keeps the light off the mouth behind them.
        let least = if matches!(surface.material, Material::Teeth { .. }) { 0.7 } else { 0.0 };
        let (openness, lit) = (openness.max(least), lit.max(least));
        self.lighting.reflected(&paint, &Aspect { normal, view, openness, lit })
    }

    /// Openness and light of a point at (x, y) samples, or of the pixel before it.
    fn surroundings(&self, surface: usize, x: f32, y: f32, place: Vec3, normal: Vec3) -> (f32, f32) {
        let pair = Pair { surface, column: x as usize / (2 * SAMPLES), row: y as usize / SAMPLES };
        match self.last.get() {
            Some((last, found)) if last == pair => found,
            _ => {
                let found = (self.openness(x, y, place), self.lit(place, normal));
                self.last.set(Some((pair, found)));
                found
            }
        }
    }

    /// Distance of what is nearest at a place in samples, in centimeters; infinite where nothing is.
    fn distance(&self, x: f32, y: f32) -> f32 {
        // Conversion cuts towards 0, so that what is up to a sample outside counts as inside; the rest becomes too large.
        let (x, y) = (x as i32 as usize, y as i32 as usize);
        if x >= self.raster.width || y >= self.raster.height {
            return f32::INFINITY;
        }
        self.distances[y * self.raster.stride + x]
    }

    /// Share of the surroundings that a point sees, from the hollows round it: of each pair of opposite neighbors on the
    /// screen, how far their middle lies before the point. Tilted planes are not hollow.
    fn openness(&self, x: f32, y: f32, place: Vec3) -> f32 {
        /// Half the widths of the hollows that are looked for, in centimeters: a nostril and an eye socket.
        const REACHES: [f32; 2] = [0.9, 2.6];
        const DIRECTIONS: [Vec2; 3] = [Vec2::new(1.0, 0.0), Vec2::new(0.5, 0.87), Vec2::new(-0.5, 0.87)];
        let samples_per_cm = self.camera.focal_px * SAMPLES as f32 / -place.z;
        let mut hidden = 0.0;
        for reach in REACHES {
            for direction in DIRECTIONS {
                let step = direction * reach * samples_per_cm;
                let rise = |sign: f32| {
                    let rise = -place.z - self.distance(x + sign * step.x, y + sign * step.y);
                    rise.clamp(-2.0 * reach, 2.0 * reach)
                };
                hidden += smoothstep(0.05, 1.3, (rise(1.0) + rise(-1.0)) / (2.0 * reach));
            }
        }
        1.0 - 0.85 * hidden / 6.0
    }

    /// Share of the first lamp's light that reaches a point: a walk towards the lamp through what is seen.
    fn lit(&self, place: Vec3, normal: Vec3) -> f32 {
        /// First step and growth of steps, in centimeters: the walk is 13 cm long.
        const FIRST: f32 = 0.35;
        const GROWTH: f32 = 1.5;
        const STEPS: usize = 7;
        /// What lies further than this before the walk passes it by, as nothing is known of its back.
        const THICKNESS: f32 = 5.0;
        let Some(lamp) = self.lighting.lamps.first() else { return 1.0 };
        if normal.dot(lamp.direction) < -0.3 {
            return 1.0;
        }
        let (mut way, mut step, mut hidden) = (FIRST, FIRST, 0.0f32);
        for _ in 0..STEPS {
            let at = place + normal * 0.15 + lamp.direction * way;
            let (x, y) = self.camera.project(at);
            let gap = -at.z - self.distance(x * SAMPLES as f32, y * SAMPLES as f32);
            if gap > 0.05 && gap < THICKNESS {
                hidden = hidden.max(smoothstep(0.05, 0.45 + 0.06 * way, gap));
            }
            step *= GROWTH;
            way += step;
        }
        1.0 - 0.85 * hidden
    }
}
