/** Tests that the browser requests nothing from another origin for a shown answer, until the user asks for it. */
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

/** Every construct that makes some renderer fetch something. */
const greedy = `![A picture](https://pictures.example/one.png "title") and ![again][ref]

[ref]: https://pictures.example/two.png
[link](https://links.example/page) <https://links.example/auto> www.links.example

<img src="https://html.example/image.png" srcset="https://html.example/2x.png 2x"><iframe src="https://html.example/"></iframe>
<style>@import url(https://html.example/style.css);</style><link rel="prefetch" href="https://html.example/prefetch">
<svg><image href="https://html.example/svg.png"/></svg><video poster="https://html.example/poster.png" src="https://html.example/v.mp4"></video>

> ![in a quote](//pictures.example/three.png)

| a | b |
| --- | --- |
| ![in a cell](https://pictures.example/four.png) | ![x](data:image/svg+xml;base64,PHN2Zy8+) |

$\\includegraphics{https://maths.example/a.png} \\href{https://maths.example/}{x}$ and $x^2$

\`\`\`mermaid
graph TD; A-->B; click A "https://diagrams.example/"
\`\`\`

\`\`\`html
<img src="https://code.example/image.png">
\`\`\`
`;

test('a streamed answer makes no request to another origin until its picture is requested', async ({
  page,
  rill,
}) => {
  const foreign: string[] = [];
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(rill.url).origin) foreign.push(request.url());
  });
  await page.route(/\.example\//, (route) => route.fulfill({ contentType: 'image/png', body: '' }));
  rill.simulator.nextScript('demo/quick', [{ text: greedy, tokensPerSecond: 400 }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Show me pictures');
  await chat.settled();
  const load = page.getByRole('button', { name: 'Load picture: A picture, pictures.example' });
  await expect(load).toBeVisible();
  await page.getByRole('link', { name: 'link', exact: true }).hover();
  await page.getByRole('link', { name: 'link', exact: true }).focus();
  await page.reload();
  await expect(load).toBeVisible();
  await expect(page.locator('[data-tex="x^2"] math').first()).toBeAttached();
  expect(foreign).toEqual([]);
  await load.click();
  await expect.poll(() => foreign).toEqual(['https://pictures.example/one.png']);
});
