-- Why the built-in engine put its best FAQ first, in short, as it was when it answered; null if it found none or did not
-- answer. Answers from before this are not explained.
ALTER TABLE question ADD COLUMN explanation TEXT;
