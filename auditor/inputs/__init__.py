"""What a user brings beside the audio: settings, call records, transcripts."""
