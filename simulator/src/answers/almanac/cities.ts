/** City pages of the almanac: one true sentence each, and geometry computed from the coordinates. */
import { dayLengthHours, distanceKm, formatHours, formatKm, formatPoint, type Place } from './geometry.ts';
import { pick } from './wording.ts';

/** One city, its position in degrees. */
export interface City extends Place {
  name: string;
  localName: string;
  note: string;
}

/** Degrees, north and east positive. */
export const cities: readonly City[] = [
  city(
    'Reykjavík',
    'Reykjavík',
    64.147,
    -21.942,
    'Nearly every building is heated by water that comes hot out of the ground, and the pavements of the centre are kept free of ice by the same water on its way out.',
  ),
  city(
    'Kyoto',
    '京都',
    35.012,
    135.768,
    'The city was laid out in 794 as a grid after the Chinese model of Chang’an, and for more than a thousand years emperors lived in it.',
  ),
  city(
    'Cairo',
    'القاهرة',
    30.044,
    31.236,
    'A column in the Nile here, the Nilometer on Roda Island, measured the flood for centuries; taxes followed the water level.',
  ),
  city(
    'Jerusalem',
    'ירושלים',
    31.778,
    35.235,
    'A rule from the time of the British Mandate has buildings faced with the local limestone, which is why the whole city turns gold towards evening.',
  ),
  city(
    'Quito',
    'Quito',
    -0.18,
    -78.468,
    'It lies at 2,850 metres, close enough to the equator that the sun passes almost straight overhead twice a year.',
  ),
  city(
    'Nairobi',
    'Nairobi',
    -1.286,
    36.817,
    'The name comes from the Maasai for “cool water”, and lions hunt in the national park within sight of its towers.',
  ),
  city(
    'Ushuaia',
    'Ushuaia',
    -54.802,
    -68.303,
    'From this harbour most ships to Antarctica set out, a crossing of about a thousand kilometres.',
  ),
  city(
    'Singapore',
    '新加坡',
    1.352,
    103.82,
    'The island has grown by about a quarter since independence, by filling in the shallow sea around it.',
  ),
  city(
    'Samarkand',
    'Samarqand',
    39.654,
    66.976,
    'Here Ulugh Beg built an observatory in the 1420s whose stone arc, forty metres in radius, fixed the length of the year to within a minute.',
  ),
  city(
    'Wellington',
    'Te Whanganui-a-Tara',
    -41.286,
    174.776,
    'It was one of the first cities in the world to put whole buildings on bearings of lead and rubber against earthquakes.',
  ),
  city(
    'Tromsø',
    'Tromsø',
    69.649,
    18.956,
    'The sun stays below the horizon from late November to mid January, and the snow still glows blue at noon.',
  ),
  city(
    'Lisbon',
    'Lisboa',
    38.722,
    -9.139,
    'After the earthquake of 1755 the lower town was rebuilt with wooden cages inside the walls, tested by having soldiers march around a model.',
  ),
  city(
    'Istanbul',
    'İstanbul',
    41.008,
    28.978,
    'Under its streets lie Byzantine cisterns by the hundred; the largest is held up by 336 columns, two of which stand on heads of Medusa.',
  ),
  city(
    'Mexico City',
    'Ciudad de México',
    19.433,
    -99.133,
    'It stands on a drained lake and sinks, in places by tens of centimetres a year, so that old churches lean like tired guests.',
  ),
  city(
    'Vancouver',
    'Vancouver',
    49.283,
    -123.121,
    'Stanley Park is a forest larger than many town centres, and a nine-kilometre sea wall runs around it.',
  ),
  city(
    'Cape Town',
    'iKapa',
    -33.925,
    18.424,
    'The mountain behind it has more species of plants than the whole of the United Kingdom.',
  ),
  city(
    'Edinburgh',
    'Dùn Èideann',
    55.953,
    -3.188,
    'At one o’clock a gun is fired from the castle and a ball drops on Calton Hill, signals by which captains once set their clocks.',
  ),
  city(
    'Hanoi',
    'Hà Nội',
    21.028,
    105.854,
    'The old quarter keeps the names of its guilds: Silk Street, Paper Street, Tin Street, each once a village’s trade.',
  ),
  city(
    'Marrakesh',
    'مراكش',
    31.63,
    -7.981,
    'Every evening the square of Jemaa el-Fna fills with kitchens, and with storytellers who have no need of a stage.',
  ),
  city(
    'Lhasa',
    'ལྷ་ས',
    29.654,
    91.14,
    'At 3,650 metres water boils at about 88 °C, so that tea is ready sooner and potatoes later.',
  ),
];

function city(name: string, localName: string, latitude: number, longitude: number, note: string): City {
  return { name, localName, latitude, longitude, note };
}

/** The page about one city, by its place in the list. */
export function cityPage(index: number, variant: number): string {
  const here = cities[index % cities.length];
  if (here === undefined) return '';
  const others = cities
    .filter((there) => there !== here)
    .map((there) => ({ name: there.name, km: distanceKm(here, there) }))
    .toSorted((a, b) => a.km - b.km);
  const title = here.localName === here.name ? here.name : `${here.name} · ${here.localName}`;
  const table = [...others.slice(0, 3), ...others.slice(-2)].map(
    ({ name, km }) => `| ${name} | ${formatKm(km)} | ${(km / 900).toFixed(1)} h |`,
  );
  const header = ['| Great circle to | Distance | At 900 km/h |', '|:---|---:|---:|'];
  return [
    `### ${title}`,
    here.note,
    sunSentence(here, variant),
    [...header, ...table].join('\n'),
    antipodeSentence(here, variant),
  ].join('\n\n');
}

function sunSentence(here: City, variant: number): string {
  const [june, december] = [dayLengthHours(here.latitude, 23.44), dayLengthHours(here.latitude, -23.44)].map(
    formatHours,
  );
  const offsetMinutes = Math.round(here.longitude * 4);
  const side = offsetMinutes >= 0 ? 'ahead of' : 'behind';
  return pick(variant, [
    `Around 21 June the sun is up for ${june}, around 21 December for ${december}.`,
    `By the sun alone, its clocks would run ${Math.abs(offsetMinutes)} minutes ${side} Greenwich. The longest and the shortest day differ as ${here.latitude >= 0 ? june : december} to ${here.latitude >= 0 ? december : june}.`,
    `At latitude ${Math.abs(here.latitude).toFixed(1)}° ${here.latitude >= 0 ? 'north' : 'south'}, the June solstice brings ${june} of sun and the December one ${december}; solar noon comes ${Math.abs(offsetMinutes)} minutes ${offsetMinutes >= 0 ? 'before' : 'after'} that of Greenwich.`,
  ]);
}

function antipodeSentence(here: City, variant: number): string {
  const longitude = here.longitude > 0 ? here.longitude - 180 : here.longitude + 180;
  const point = formatPoint(-here.latitude, longitude);
  return pick(variant, [
    `*Dig straight down and you would come out at ${point}.*`,
    `*Its antipode, the point farthest from it on Earth, is ${point}.*`,
    `*A traveller at ${point} stands exactly upside down to anyone here.*`,
  ]);
}
