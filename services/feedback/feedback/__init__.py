"""What customers see and send back: the survey, unsubscribe and preference pages, whose answers become events."""
