import { z } from 'zod'

/** A port as a person writes it; a number afterwards. */
export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'expected a port number')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, 'expected a port from 1 to 65535')
