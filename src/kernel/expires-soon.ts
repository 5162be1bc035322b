/** Days before the end of a certificate in which the service warns of it. */
export const EXPIRES_SOON_DAYS = 14
