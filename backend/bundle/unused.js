/** Stands in the bundle for packages that others load and the server never calls. */
