-- Who has an e-mail address is found by person_email (0021), which is the same.
DROP INDEX person_account_email;
