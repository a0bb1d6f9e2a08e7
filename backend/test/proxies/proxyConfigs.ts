/** Builds proxy configurations: the defaults of Debian's packages around the lines of a case or of README.md. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const readme = readFileSync(fileURLToPath(new URL('../../../README.md', import.meta.url)), 'utf8');

/** Reads the lines of README.md for one proxy, with the server's address in place of the default one. */
export function readmeLines(language: string, target: string): string {
  const block = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  if (block === undefined) throw new Error(`README.md has no lines for ${language}.`);
  return block.replaceAll('127.0.0.1:3000', target);
}

export const nginxConfig =
  (lines: string, more = '') =>
  (port: number, folder: string) =>
    nginxProgram(
      folder,
      `server {
    listen 127.0.0.1:${port}${more.includes('ssl_certificate') ? ' ssl http2' : ''};
    ${more}
    ${lines}
  }`,
    );

/** For a file of the folder conf.d, which listens on port 80; `addresses` are those of the hosts it names, by name. */
export const nginxFileConfig =
  (file: string, addresses: ReadonlyMap<string, string>) =>
  (port: number, folder: string): string => {
    const listening = file.replace('listen 80;', `listen 127.0.0.1:${port};`);
    const moved = [...addresses].reduce(
      (text, [name, address]) => text.replaceAll(`${name}:3000`, address),
      listening,
    );
    return nginxProgram(folder, moved);
  };

const nginxProgram = (folder: string, lines: string): string => `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${folder}/pid;
error_log stderr;
events { worker_connections 768; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  gzip on;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  ${lines}
}`;

export const caddyConfig = (lines: string) => (port: number) =>
  `{
  admin off
  auto_https off
}
http://:${port} {
  ${lines}
}`;

export const haproxyConfig = (backend: string) => (port: number) =>
  `
global
  maxconn 100
defaults
  mode http
  timeout connect 5000
  timeout client 50000
  timeout server 50000
frontend page
  bind 127.0.0.1:${port}
  default_backend rill
${backend}`;

export const apacheConfig = (lines: string) => (port: number, folder: string) =>
  `
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${folder}/pid
Mutex file:${folder}
ErrorLog ${folder}/error.log
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
${['mpm_event', 'authz_core', 'proxy', 'proxy_http', 'headers', 'filter', 'deflate', 'mime']
  .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
  .join('\n')}
TypesConfig /etc/mime.types
AddOutputFilterByType DEFLATE text/html text/plain text/css application/javascript application/json
<VirtualHost *:${port}>
  ${lines}
</VirtualHost>`;

export const varnishConfig = (target: string) => () =>
  `vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "${target.split(':')[1]}"; }`;
