/** Days before the expiry of a certificate in which the service warns. */
export const EXPIRES_SOON_DAYS = 14
