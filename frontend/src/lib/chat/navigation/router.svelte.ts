/** Keeps the shown route in step with the address bar, under whatever base path the page is served. */
import { formatRoute, parseRoute, type Route } from './route.ts';

/** The parts of `window` the router needs. */
export interface RouterHost {
  readonly location: { readonly pathname: string };
  readonly history: Pick<History, 'pushState' | 'replaceState'>;
  addEventListener(type: 'popstate', listener: () => void): void;
  removeEventListener(type: 'popstate', listener: () => void): void;
}

export class Router {
  #route = $state.raw<Route>({ name: 'home' });
  readonly #host: RouterHost;
  /** The prefix of all addresses of the page, such as `/chat`; '' is the root. */
  readonly #basePath: string;
  #previous: Route = { name: 'home' };
  readonly #onChange = () => {
    const route = this.#read();
    if (route.name !== this.#route.name) this.#previous = this.#route;
    this.#route = route;
    this.onNavigate?.(this.#route);
  };
  /** Called after every change of route, by a link, by code with `push`, or by the back button. */
  onNavigate: ((route: Route) => void) | undefined;

  constructor(host: RouterHost, basePath = '') {
    this.#host = host;
    this.#basePath = basePath;
    this.#route = this.#read();
    host.addEventListener('popstate', this.#onChange);
  }

  get route(): Route {
    return this.#route;
  }

  /** The route before the page changed to one of another kind: a page that is closed returns to it. */
  get previous(): Route {
    return this.#previous;
  }

  /** The address of a route. */
  hrefOf(route: Route): string {
    return this.#basePath + formatRoute(route);
  }

  /** The route of an address. */
  routeOf(path: string): Route {
    const isUnderBase = `${path}/`.startsWith(`${this.#basePath}/`);
    return parseRoute(isUnderBase ? path.slice(this.#basePath.length) : path);
  }

  push(route: Route): void {
    const path = this.hrefOf(route);
    if (path !== this.#host.location.pathname) this.#host.history.pushState(null, '', path);
    this.#onChange();
  }

  /** Corrects the address without a new entry and without `onNavigate`: what is shown is already right. */
  replace(route: Route): void {
    this.#host.history.replaceState(null, '', this.hrefOf(route));
    this.#route = route;
  }

  dispose(): void {
    this.#host.removeEventListener('popstate', this.#onChange);
  }

  #read(): Route {
    return this.routeOf(this.#host.location.pathname);
  }
}
