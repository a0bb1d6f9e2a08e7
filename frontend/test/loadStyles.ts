/** Gives a page under test the style sheets and the typefaces of the real one, before anything is measured in it. */
import '../src/styles/index.css';

await Promise.all(['1em Geist', '1em "Geist Mono"'].map((font) => document.fonts.load(font)));
