"""Real Chromium against a real running portal: web server, worker and case system as processes."""
