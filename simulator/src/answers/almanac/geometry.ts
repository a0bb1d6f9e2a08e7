/** Geometry on a globe, and the words for it. Angles are degrees, north and east positive. */

/** A position on Earth. */
export interface Place {
  latitude: number;
  longitude: number;
}

/** Haversine on a sphere of the Earth's mean radius. */
export function distanceKm(a: Place, b: Place): number {
  const [lat1, lat2] = [radians(a.latitude), radians(b.latitude)];
  const h =
    Math.sin((lat2 - lat1) / 2) ** 2 +
    Math.cos(lat1) * Math.cos(lat2) * Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  return 2 * 6371 * Math.asin(Math.sqrt(h));
}

/** Direction in which the great circle from `a` to `b` sets out, degrees clockwise from north. */
export function initialBearing(a: Place, b: Place): number {
  const [lat1, lat2, turn] = [radians(a.latitude), radians(b.latitude), radians(b.longitude - a.longitude)];
  const east = Math.sin(turn) * Math.cos(lat2);
  const north = Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(turn);
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
}

/** The point halfway along the great circle, as text. */
export function midpoint(a: Place, b: Place): string {
  const [first, second] = [unitVector(a), unitVector(b)];
  const [x, y, z] = [first[0] + second[0], first[1] + second[1], first[2] + second[2]];
  return formatPoint((Math.atan2(z, Math.hypot(x, y)) * 180) / Math.PI, (Math.atan2(y, x) * 180) / Math.PI);
}

function unitVector({ latitude, longitude }: Place): [number, number, number] {
  const [lat, lon] = [radians(latitude), radians(longitude)];
  return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
}

/** A position as text. */
export function formatPoint(latitude: number, longitude: number): string {
  const northSouth = latitude >= 0 ? 'N' : 'S';
  return `${Math.abs(latitude).toFixed(1)}° ${northSouth}, ${Math.abs(longitude).toFixed(1)}° ${longitude >= 0 ? 'E' : 'W'}`;
}

/** Sunrise to sunset with refraction: the sun's centre 0.833° below the horizon. */
export function dayLengthHours(latitude: number, declination: number): number {
  const [lat, dec] = [radians(latitude), radians(declination)];
  const cosine =
    (Math.sin(radians(-0.833)) - Math.sin(lat) * Math.sin(dec)) / (Math.cos(lat) * Math.cos(dec));
  return (24 / Math.PI) * Math.acos(Math.max(-1, Math.min(1, cosine)));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

/** To the nearest ten kilometres. */
export function formatKm(km: number): string {
  return `${(Math.round(km / 10) * 10).toLocaleString('en')} km`;
}

/** Hours as hours and minutes. */
export function formatHours(hours: number): string {
  if (hours === 0) return 'no time at all';
  if (hours === 24) return 'the whole day and night';
  const minutes = Math.round(hours * 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
