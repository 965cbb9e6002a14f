"""Making records of the rows read: what is settled first, people, what they bought and booked, companies."""
