/** The shown route, in step with the address bar. */
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
  readonly #onChange = () => {
    this.#route = parseRoute(this.#host.location.pathname);
    this.onNavigate?.(this.#route);
  };
  /** Called after every change of route, by a link, by code with `push`, or by the back button. */
  onNavigate: ((route: Route) => void) | undefined;

  constructor(host: RouterHost) {
    this.#host = host;
    this.#route = parseRoute(host.location.pathname);
    host.addEventListener('popstate', this.#onChange);
  }

  get route(): Route {
    return this.#route;
  }

  push(route: Route): void {
    const path = formatRoute(route);
    if (path !== this.#host.location.pathname) this.#host.history.pushState(null, '', path);
    this.#onChange();
  }

  /** Corrects the address without a new entry and without `onNavigate`: what is shown is already right. */
  replace(route: Route): void {
    this.#host.history.replaceState(null, '', formatRoute(route));
    this.#route = route;
  }

  dispose(): void {
    this.#host.removeEventListener('popstate', this.#onChange);
  }
}

export function createRouter(host: RouterHost): Router {
  return new Router(host);
}
